"""What differs between two sites, and what is no longer needed: pure."""

from __future__ import annotations

from collections.abc import Iterable

from fleet_tui.frontend.model import ASSETS, ENTRY, Manifest, SiteFile
from fleet_tui.values import Value


class Difference(Value):
    """What makes one site of another.

    Args:
        put: files that are new or other than before.
        gone: keys that the new one has no file for.
    """

    put: tuple[SiteFile, ...] = ()
    gone: tuple[str, ...] = ()


def diff(before: Manifest, after: Manifest) -> Difference:
    """What makes `after` of `before`."""
    old = {file.key: file for file in before.files}
    new = {file.key for file in after.files}
    return Difference(
        put=tuple(file for file in after.files if old.get(file.key) != file),
        gone=tuple(key for key in old if key not in new),
    )


def apply(difference: Difference, before: Manifest) -> Manifest:
    """`before` after this difference."""
    left = {file.key: file for file in before.files if file.key not in difference.gone}
    left |= {file.key: file for file in difference.put}
    return Manifest(files=tuple(left[key] for key in sorted(left)))


def paths_changed(before: Manifest | None, after: Manifest) -> tuple[str, ...]:
    """The addresses whose content is another one, for CloudFront to forget.

    Assets are not among them: their content never changes. A folder's page has two addresses, because
    CloudFront may hold it under the one that was asked for as well as under the one that a function made of
    it (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html).

    Args:
        before: what visitors got; None where that is not known: then every page may differ.
        after: what they get now.
    """
    difference = diff(before or Manifest(), after)
    keys = [file.key for file in difference.put if not file.is_asset]
    keys += [key for key in difference.gone if not key.startswith(ASSETS)]
    return tuple(path for key in sorted(keys) for path in addresses(key))


def unreferenced(keys: Iterable[str], manifests: Iterable[Manifest]) -> tuple[str, ...]:
    """Those of these keys that are assets and belong to none of the sites."""
    needed = {file.key for manifest in manifests for file in manifest.files}
    return tuple(sorted(key for key in keys if key.startswith(ASSETS) and key not in needed))


def left_over(keys: Iterable[str], known: Iterable[Manifest], now: Manifest) -> tuple[str, ...]:
    """Those of these keys that are pages of other releases, and that visitors should no longer get.

    Args:
        keys: what lies in the bucket.
        known: the releases that are kept; a page that none of them has is somebody else's.
        now: what visitors should get.
    """
    pages = {page.key for manifest in known for page in manifest.pages}
    return tuple(sorted(pages.intersection(keys).difference(file.key for file in now.files)))


def addresses(key: str) -> tuple[str, ...]:
    """The paths under which visitors get the file of this key."""
    path = f"/{key}"
    return (path.removesuffix(ENTRY), path) if path.endswith(f"/{ENTRY}") else (path,)
