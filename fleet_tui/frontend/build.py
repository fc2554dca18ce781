"""Building a creator's site: the template, the creator's file and folder, and outputs of the state.

The same input makes the same bytes. Assets carry a digest of their content in their names and may be cached
for ever; pages keep their addresses and are asked for anew.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from fleet_tui.frontend.colours import Palette, day, night
from fleet_tui.frontend.model import ASSETS, Manifest, SiteFile
from fleet_tui.frontend.rendering import Markup, MissingValueError, fill, paragraphs
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator

TEMPLATE = Path("frontend/template")
"""The template's folder in the workspace."""

ABOUT, IMPRINT = "about.txt", "imprint.txt"
"""Plain texts in a creator's folder, beside the creator.toml."""

MOST_BYTES = 1024 * 1024
"""Largest logo or text: visitors on a telephone wait for it."""

FOR_EVER = "public, max-age=31536000, immutable"
EVERY_TIME = "public, no-cache"
"""Browsers and CloudFront may keep it, and ask whether it is still the same (RFC 9111, section 5.2.2.4)."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".webp": "image/webp",
}
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9$._/-]*)?")
_DIGEST_DIGITS = 16  # 64 bits: two contents of one name never meet

_MARK = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
    '<path fill="{{ primary }}" d="M32 3 57 17.5v29L32 61 7 46.5v-29z"/>'
    '<text x="32" y="43" text-anchor="middle" font-family="system-ui, sans-serif" font-size="30" '
    'font-weight="700" fill="{{ on_primary }}">{{ letter }}</text></svg>\n'
)


@dataclass(frozen=True, slots=True)
class Site:
    """A built site.

    Args:
        contents: the files' bytes by key.
        manifest: the files without them.
        warnings: what a person should add to the creator's folder.
    """

    contents: dict[str, bytes]
    manifest: Manifest
    warnings: tuple[str, ...]

    @property
    def pages(self) -> dict[str, str]:
        """The pages' text by key."""
        return {page.key: self.contents[page.key].decode() for page in self.manifest.pages}


def build(workspace: Path, creator: Creator, outputs: Mapping[str, JsonValue]) -> Site:
    """The creator's site as it would be deployed now.

    Args:
        workspace: holds the template and `creators/<slug>/`.
        creator: whose site it is.
        outputs: of the creator's state; `site_api_url` is used, and without it the pages make do without what
            needs it.

    Raises:
        FleetError: CONFIGURATION, a file of the template or of the creator is missing or cannot be used.
    """
    template = _Template(workspace / TEMPLATE, creator.slug)
    folder = workspace / "creators" / creator.slug
    palettes = {"light": day(creator.branding), "dark": night(creator.branding)}
    assets = {
        **template.assets(_theme_values(palettes)),
        "logo": _logo(folder, creator, palettes["light"]),
    }
    addressed = {name: _hashed(name, *asset) for name, asset in assets.items()}
    imprint = _text(folder, IMPRINT, creator) or _imprint_of_letters(creator)
    values = {
        "language": creator.language.value,
        "name": creator.name,
        "domain": creator.domain,
        "tagline": creator.branding.tagline,
        "description": creator.branding.tagline or creator.name,
        "api": _api(creator, outputs),
        "colour.light": palettes["light"].background,
        "colour.dark": palettes["dark"].background,
        **{f"asset.{name}": f"/{key}" for name, key in addressed.items()},
        **{f"text.{name}": text for name, text in template.texts(creator.language.value).items()},
    }
    values |= template.parts(values, _wanted_parts(creator, values), _text(folder, ABOUT, creator), imprint)
    contents = {addressed[name]: content for name, (_, content) in assets.items()}
    contents |= {page: content.encode() for page, content in template.pages(values).items()}
    warnings = () if imprint else (f"no imprint: put it into creators/{creator.slug}/{IMPRINT}",)
    return Site(contents, _manifest(contents), warnings)


def _manifest(contents: Mapping[str, bytes]) -> Manifest:
    return Manifest(
        files=tuple(
            SiteFile(
                key=key,
                sha256=hashlib.sha256(contents[key]).hexdigest(),
                size=len(contents[key]),
                content_type=_TYPES[Path(key).suffix],
                cache_control=FOR_EVER if key.startswith(ASSETS) else EVERY_TIME,
            )
            for key in sorted(contents)
        )
    )


def _hashed(name: str, suffix: str, content: bytes) -> str:
    """`assets/site.3f9a1c2b4d5e6f70.css`."""
    digest = hashlib.sha256(content).hexdigest()[:_DIGEST_DIGITS]
    return f"{ASSETS}{name.removesuffix(suffix)}.{digest}{suffix}"


def _theme_values(palettes: Mapping[str, Palette]) -> dict[str, str]:
    return {
        f"{scheme}.{name}": colour
        for scheme, palette in palettes.items()
        for name, colour in palette.model_dump().items()
    }


def _wanted_parts(creator: Creator, values: Mapping[str, str]) -> set[str]:
    on = creator.modules.enabled if values["api"] else ()
    parts = {"tagline"} if creator.branding.tagline else set()
    parts |= {"live"} if "ivs-streaming" in on else set()
    return parts | ({"contact"} if "contact-form" in on else set())


def _api(creator: Creator, outputs: Mapping[str, JsonValue]) -> str:
    url = outputs.get("site_api_url")
    if url is None:
        return ""
    if not isinstance(url, str) or not _ORIGIN.fullmatch(url):
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            "the output site_api_url of the state is no URL",
            where=creator.slug,
            hint="Plan and apply, then build again",
        )
    return url


def _imprint_of_letters(creator: Creator) -> str:
    newsletter = creator.modules.newsletter
    return newsletter.imprint if newsletter else ""


def _logo(folder: Path, creator: Creator, palette: Palette) -> tuple[str, bytes]:
    """The creator's logo, or a mark with the first letter of the name; its suffix and its bytes."""
    name = creator.branding.logo
    if name is not None:
        return Path(name).suffix, _read(folder / name, creator)
    letter = next((sign for sign in creator.name if sign.isalnum()), "•").upper()
    values = {"primary": palette.button, "on_primary": palette.on_button, "letter": letter}
    return ".svg", fill(_MARK, values).encode()


def _text(folder: Path, name: str, creator: Creator) -> str:
    path = folder / name
    if not path.exists() and not path.is_symlink():
        return ""
    try:
        return _read(path, creator).decode().strip()
    except UnicodeDecodeError as error:
        raise _unusable(path, creator, "is not UTF-8") from error


def _read(path: Path, creator: Creator) -> bytes:
    """A file of the creator's own folder; what lies elsewhere is not for the public."""
    if path.is_symlink():
        raise _unusable(path, creator, "is a link; it has to be a file of its own")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(
            path, creator, f"cannot be read: {(error.strerror or 'unknown error').lower()}"
        ) from error
    if len(content) > MOST_BYTES:
        raise _unusable(path, creator, f"has more than {MOST_BYTES // 1024} KiB")
    return content


def _unusable(path: Path, creator: Creator, why: str) -> FleetError:
    return FleetError.of(
        ProblemKind.CONFIGURATION,
        f"{path.name} {why}",
        where=f"creators/{creator.slug}",
        hint="Correct it, then build again",
    )


class _Template:
    """The template's files.

    Args:
        root: their folder.
        slug: whose site is built, for errors.
    """

    def __init__(self, root: Path, slug: str) -> None:
        self._root = root
        self._slug = slug

    def assets(self, theme: Mapping[str, str]) -> dict[str, tuple[str, bytes]]:
        """Suffix and bytes of every asset by its name in the template; `theme.css` is filled in."""
        found = {}
        for path in self._files("assets"):
            content = path.read_bytes()
            if path.name == "theme.css":
                content = self._fill(path, theme).encode()
            found[path.name] = path.suffix, content
        return found

    def pages(self, values: Mapping[str, str]) -> dict[str, str]:
        """Every page by its key, filled in."""
        root = self._root / "pages"
        return {path.relative_to(root).as_posix(): self._fill(path, values) for path in self._files("pages")}

    def parts(
        self, values: Mapping[str, str], wanted: set[str], about: str, imprint: str
    ) -> dict[str, Markup]:
        """The pages' parts by name, `part.live`; those that are not wanted are empty."""
        texts = {"about": about, "imprint": imprint}
        wanted = wanted | {name for name, text in texts.items() if text}
        parts = {}
        for path in self._files("parts"):
            more = {"paragraphs": paragraphs(texts.get(path.stem, ""))}
            filled = self._fill(path, {**values, **more}) if path.stem in wanted else Markup()
            parts[f"part.{path.stem}"] = filled
        return parts

    def texts(self, language: str) -> dict[str, str]:
        """The pages' texts in a language."""
        path = self._root / "texts" / f"{language}.toml"
        try:
            return {name: str(text) for name, text in tomllib.loads(path.read_text(encoding="utf-8")).items()}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise self._broken(path, "cannot be read") from error

    def _files(self, folder: str) -> list[Path]:
        found = sorted(path for path in (self._root / folder).rglob("*") if path.is_file())
        if not found:
            raise self._broken(self._root / folder, "is missing or empty")
        return found

    def _fill(self, path: Path, values: Mapping[str, str]) -> Markup:
        try:
            return fill(path.read_text(encoding="utf-8"), values)
        except MissingValueError as error:
            raise self._broken(path, f"asks for {error}, and there is no such value") from error

    def _broken(self, path: Path, why: str) -> FleetError:
        return FleetError.of(
            ProblemKind.CONFIGURATION,
            f"{TEMPLATE / path.relative_to(self._root)} {why}",
            where=self._slug,
            hint="The workspace's template has to be complete; compare it with the repository",
        )
