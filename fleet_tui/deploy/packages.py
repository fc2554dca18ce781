"""The Lambdas as zip files, the same bytes from the same sources on every machine.

One layer holds the dependencies of `lambdas/requirements.txt`; one package for each platform module holds the
module's code and `shared`. Entries are sorted and stored without compression (the bytes that a compressor
writes differ between zlib's relatives), with fixed times and modes. Everything is kept in a cache folder
under names that carry a hash of the content, and found again by a digest of what it was made from.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.values import Value

_FORMAT = "1"  # part of every digest: count it up when what is written changes
_SHARED = "shared"
_REQUIREMENTS = "requirements.txt"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say
_FILE_MODE = 0o100644
_DIGEST_CHARS = 16
_PIP_TIMEOUT_S = 600
# Written by pip about the installation. What the wheels say of themselves stays: scanners read it.
_PIP_TRACES = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
_NO_ANSWER = re.compile(
    r"connection broken|NewConnectionError|ConnectTimeout|ReadTimeout|name resolution|ProxyError|Max retries",
    re.I,
)
_ADDRESS = re.compile(r"\w+://\S+")


class Target(Value):
    """Where the packages run.

    Args:
        python: version with its minor, such as `3.12`.
        architecture: as Lambda calls it, `arm64` or `x86_64`.
        platform: pip's platform tag, or None for the interpreter that builds.
    """

    python: str
    architecture: str
    platform: str | None = None


class Artifacts(Value):
    """What `build` made.

    Args:
        layer: zip of the dependencies, below `python/`.
        packages: platform module, such as `sponsor-system` → zip of its code.
        runtime: Terraform's `runtime`, such as `python3.12`.
        architecture: Terraform's `architectures` has this one.
    """

    layer: Path
    packages: Mapping[str, Path]
    runtime: str
    architecture: str


AWS_ARM64 = Target(python="3.12", architecture="arm64", platform="manylinux2014_aarch64")
"""Lambda's own: Graviton is a fifth cheaper than x86_64 for the same time."""

HOST = Target(
    python=f"{sys.version_info.major}.{sys.version_info.minor}",
    architecture="arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64",
)
"""This interpreter, for an emulator that runs functions with it."""


def build(lambdas_root: Path, cache: Path, target: Target) -> Artifacts:
    """Pack the layer and every platform module, or find them packed.

    Blocking: a few milliseconds when nothing has changed, else as long as pip takes to download. Processes
    that build at once do the work twice and end with the same files.

    Args:
        lambdas_root: folder with `requirements.txt`, `shared` and the modules' packages.
        cache: folder for the zip files; made when missing.
        target: where they will run.

    Raises:
        FleetError: CONFIGURATION, the folder is not what it should be or a requirement cannot be had for the
            target; MISSING_TOOL, this Python has no pip; NETWORK, the package index does not answer.
    """
    requirements = lambdas_root / _REQUIREMENTS
    modules = _modules(lambdas_root)
    if not requirements.is_file() or not modules:
        raise FleetError.of(
            ProblemKind.CONFIGURATION,
            f"there is no {_REQUIREMENTS} or no module",
            where=str(lambdas_root),
            hint="Use the lambdas folder of this repository",
        )
    cache.mkdir(parents=True, exist_ok=True)
    layer_key = _digest((_FORMAT, target.model_dump_json(), requirements.read_bytes()))
    layer = _remembered(cache, layer_key, "layer", partial(_layer, requirements, target))
    packages: dict[str, Path] = {}
    for module in modules:
        sources = dict(_sources((lambdas_root / _SHARED, module)))
        key = _digest((_FORMAT, *_flat(sources)))
        name = module.name.replace("_", "-")
        packages[name] = _remembered(cache, key, name, partial(dict, sources))
    return Artifacts(
        layer=layer, packages=packages, runtime=f"python{target.python}", architecture=target.architecture
    )


def _modules(root: Path) -> list[Path]:
    return sorted(found.parent for found in root.glob("*/__init__.py") if found.parent.name != _SHARED)


def _sources(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Name below the parent of the given path, and content, of each file that belongs to the sources."""
    for path in paths:
        if path.is_file():
            yield path.name, path.read_bytes()
        for folder, folders, files in os.walk(path):
            folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
            for name in files:
                if not name.startswith(".") and not name.endswith(".pyc"):
                    file = Path(folder, name)
                    yield file.relative_to(path.parent).as_posix(), file.read_bytes()


def _flat(sources: Mapping[str, bytes]) -> Iterator[str | bytes]:
    for name in sorted(sources):
        yield name
        yield sources[name]


def _digest(parts: Iterable[str | bytes]) -> str:
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()


def _remembered(cache: Path, key: str, name: str, contents: Callable[[], Mapping[str, bytes]]) -> Path:
    """The zip that was made for this key, made now if there is none or if it is not whole."""
    note = cache / f"{name}-{key[:_DIGEST_CHARS]}.json"
    try:
        known = json.loads(note.read_bytes())
        path = cache / str(known["file"])
        if path.stat().st_size == known["bytes"]:
            return path
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no note, or none that can be used: make it
    entries = contents()
    path = cache / f"{name}-{_digest(_flat(entries))[:_DIGEST_CHARS]}.zip"
    with _replacing(path) as temporary:
        _zip(entries, temporary)
        size = temporary.stat().st_size
    with _replacing(note) as temporary:
        temporary.write_text(json.dumps({"file": path.name, "bytes": size}))
    return path


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place in one step when the block ends well."""
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _zip(entries: Mapping[str, bytes], path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.create_system = 3  # Unix, whatever this machine is: else the mode is not read
            entry.external_attr = _FILE_MODE << 16
            archive.writestr(entry, entries[name])


def _layer(requirements: Path, target: Target) -> dict[str, bytes]:
    """The files of a layer: what pip installs for the target, without what it adds of its own."""
    with tempfile.TemporaryDirectory(prefix="fleet-layer-") as folder:
        site = Path(folder, "python")
        _install(requirements, site, target)
        files = {name: data for name, data in _sources((site,)) if not name.startswith("python/bin/")}
    return {name: data for name, data in files.items() if not _is_trace(name)}


def _is_trace(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    return folder.endswith(".dist-info") and file in _PIP_TRACES


def _install(requirements: Path, site: Path, target: Target) -> None:
    if importlib.util.find_spec("pip") is None:
        raise FleetError.of(
            ProblemKind.MISSING_TOOL,
            "this Python has no pip, which packs the Lambdas' dependencies",
            where=sys.executable,
            hint="Run `python -m ensurepip`, or install pip with the system's packages",
        )
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--retries", "2", "--timeout", "20", "--no-compile", "--only-binary=:all:"]
    # Everything is listed with its version: what is not listed must not slip in.
    command += ["--no-deps", "--target", str(site), "--requirement", str(requirements)]
    if target.platform:
        command += [
            "--platform",
            target.platform,
            "--python-version",
            target.python,
            "--implementation",
            "cp",
        ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_PIP_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise _no_answer(requirements, f"pip did not end within {_PIP_TIMEOUT_S} s") from None
    if done.returncode == 0:
        return
    if _NO_ANSWER.search(done.stderr):
        raise _no_answer(requirements, "pip could not reach the package index")
    raise FleetError.of(
        ProblemKind.CONFIGURATION,
        f"pip cannot install for Python {target.python} on {target.architecture}: {_reason(done.stderr)}",
        where=str(requirements),
        hint="List versions that have a wheel for this platform",
    )


def _no_answer(requirements: Path, what: str) -> FleetError:
    return FleetError.of(
        ProblemKind.NETWORK,
        what,
        where=str(requirements),
        hint="Check the network and pip's configuration (`pip config list`), then try again",
    )


def _reason(stderr: str) -> str:
    """Pip's last error line, without addresses, which may hold an index's password."""
    lines = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.startswith("ERROR: ")]
    return _ADDRESS.sub("<address>", lines[-1]).rstrip(".") if lines else "it gave no reason"
