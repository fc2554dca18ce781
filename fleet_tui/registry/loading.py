"""The whole fleet, read from its folder."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.lines import key_lines, line_of
from fleet_tui.registry.model import Creator, FileError, InvalidCreator, Registry
from fleet_tui.registry.printing import printable
from fleet_tui.registry.reading import FILE_NAME, InvalidFileError, file_error, parse, read_text

# Keys whose values no two creators share, with what to call the value in a sentence.
UNIQUE: Mapping[str, str] = {"account_id": "account", "domain": "domain"}


def load(root: Path) -> Registry:
    """Read every `<slug>/creator.toml` below `root`.

    Each folder is a creator, save hidden ones; plain files beside them are left alone. A folder whose file
    cannot be used is an `InvalidCreator` with all its errors, and hides nobody else. Links are refused,
    because a creator's file is their own and inside the fleet's folder.

    When two files name one account or one domain, **both** are invalid: which of them is right cannot be
    known from here, and to guess wrong is to apply one creator's infrastructure in another's account.

    Args:
        root: the folder that holds the slug folders.

    Returns:
        The fleet, sorted by slug.

    Raises:
        FleetError: `root` itself cannot be listed.
    """
    creators: dict[str, Creator] = {}
    texts: dict[str, str] = {}
    invalid: dict[str, tuple[FileError, ...]] = {}
    for folder, is_link in _folders(root):
        slug = folder.name
        path = folder / FILE_NAME
        try:
            if is_link:
                raise InvalidFileError(file_error(folder, "is a link; a creator has a folder of their own"))
            texts[slug] = read_text(path)
            creators[slug] = parse(path, slug, texts[slug])
        except InvalidFileError as error:
            invalid[slug] = error.errors
    for slug, errors in _shared(root, creators.values(), texts).items():
        del creators[slug]
        invalid[slug] = errors
    return Registry(
        root=root,
        creators=tuple(creators[slug] for slug in sorted(creators)),
        invalid=tuple(InvalidCreator(slug=printable(slug), errors=invalid[slug]) for slug in sorted(invalid)),
    )


def _folders(root: Path) -> Iterable[tuple[Path, bool]]:
    """The slug folders, and whether each is a link."""
    try:
        with os.scandir(root) as entries:
            return [
                (root / entry.name, entry.is_symlink())
                for entry in entries
                if not entry.name.startswith(".") and _is_folder(entry)
            ]
    except OSError as error:
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            f"the folder of the creators cannot be read: {(error.strerror or 'unknown error').lower()}",
            where=printable(str(root)),
            hint="Start in the folder that holds creators/, or name it as workspace in fleet.toml",
        ) from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether the entry is meant as a folder: links that lead nowhere count, links to files do not."""
    try:
        return entry.is_dir() or (entry.is_symlink() and not entry.is_file())
    except OSError:  # a link to itself
        return True


def _shared(
    root: Path, creators: Iterable[Creator], texts: Mapping[str, str]
) -> Mapping[str, tuple[FileError, ...]]:
    """Errors of the creators that share what has to be their own, by slug."""
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for creator in creators:
        for key in UNIQUE:
            owners[key, getattr(creator, key)].append(creator.slug)
    errors: dict[str, list[FileError]] = defaultdict(list)
    for (key, value), slugs in owners.items():
        for slug in slugs if len(slugs) > 1 else ():
            others = ", ".join(sorted(set(slugs) - {slug}))
            line = line_of(key_lines(texts[slug]), (key,))
            message = f'"{value}" is also the {UNIQUE[key]} of {others}'
            errors[slug].append(file_error(root / slug / FILE_NAME, message, line=line, key=key))
    return {slug: tuple(found) for slug, found in errors.items()}
