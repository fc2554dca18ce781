"""How long each Lambda takes to its first answer and to later ones, and how large what it is made of is.

    python -m bench.lambdas [--times 3] [--warm 200] [--only sponsor-system] [--compiled] [--out FILE]

A creator with every module is applied to the embedded AWS by Terraform. Each function then runs in processes
of its own as it does in Lambda: its package and the layer unpacked, without bytecode beside them, and boto3,
which is part of Lambda's runtime, with it. It answers against the embedded AWS on the same machine.
"""

from __future__ import annotations

import argparse
import compileall
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from bench.lambdas.functions import Function, Specification, functions_of
from tests.lambdas.whole_site import Site, whole_site

RUNTIME = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
"""What Lambda's runtime has of its own: boto3 and what that needs
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included)."""

LIBRARIES = {
    "boto3": {"boto3", "botocore", "s3transfer", "urllib3", "dateutil", "six", "jmespath"},
    "pydantic": {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"},
    "powertools": {"aws_lambda_powertools"},
}
OTHER = "other"
COLUMNS = ("interpreter", *LIBRARIES, OTHER, "clients", "own", "first", "total", "warm p50", "warm p95")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.lambdas")
    parser.add_argument("--times", type=int, default=3, help="cold starts of each function")
    parser.add_argument("--warm", type=int, default=200, help="calls after the first answer")
    parser.add_argument("--only", help="a module")
    parser.add_argument("--compiled", action="store_true", help="as if bytecode were packed, too")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with whole_site(folder) as site:
            results = measure_site(site, folder, chosen)
    _show(results)
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(json.dumps(results, indent=2) + "\n")


def measure_site(site: Site, folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Every function's figures: milliseconds, of CPU time but for the warm ones, and sizes in bytes."""
    layer, runtime = folder / "layer", folder / "runtime"
    _unpack(site.artifacts.layer, layer, compiled=chosen.compiled)
    runtime.mkdir()
    for package in RUNTIME:
        _link(package, runtime)
    code = {}
    for module, package in site.artifacts.packages.items():
        code[module] = folder / "code" / module
        _unpack(package, code[module], compiled=chosen.compiled)
    functions = {}
    for function in functions_of(site):
        if chosen.only in (None, function.module):
            paths = [code[function.module], layer / "python", runtime]
            functions[function.name] = {
                "called by": function.called_by,
                **measure(function, [str(path) for path in paths], folder, chosen.times, chosen.warm),
            }
    return {
        "python": platform.python_version(),
        "bytecode packed": chosen.compiled,
        "layer": site.artifacts.layer.stat().st_size,
        "packages": {module: path.stat().st_size for module, path in site.artifacts.packages.items()},
        "functions": functions,
    }


def measure(function: Function, paths: list[str], folder: Path, times: int, warm: int) -> dict[str, Any]:
    """One function's figures, the medians of its cold starts."""
    file = folder / "specification.json"
    plain = Specification(
        handler=function.handler, paths=paths, environment=dict(function.environment), event=function.event
    )
    imported = _run(plain, file)
    timed = replace(plain, libraries=_by_library(imported))
    colds = [_run(timed, file) for _ in range(times - 1)]
    colds.append(_run(replace(timed, warm_calls=warm), file))
    for cold in colds:
        cold |= {"boto3": 0.0, "pydantic": 0.0, "powertools": 0.0, OTHER: 0.0} | cold.pop("libraries")
    warm_ms = sorted(colds[-1]["warm"])
    figures = {name: statistics.median(cold[name] for cold in colds) for name in COLUMNS if name in colds[0]}
    figures["total"] = sum(figures.values())
    figures["warm p50"] = warm_ms[len(warm_ms) // 2]
    figures["warm p95"] = warm_ms[int(len(warm_ms) * 0.95)]
    return {"answer": colds[-1]["answer"], **{name: round(value, 1) for name, value in figures.items()}}


def _by_library(imported: list[str]) -> dict[str, list[str]]:
    """Modules by library, each library's in the order in which they were imported."""
    found: dict[str, list[str]] = {}
    for module in imported:
        top = module.partition(".")[0]
        library = next((name for name, tops in LIBRARIES.items() if top in tops), OTHER)
        found.setdefault(library, []).append(module)
    return found


def _run(specification: Specification, file: Path) -> Any:
    specification.write(file)
    command = [sys.executable, "-I", "-S", "-B", str(Path(__file__).with_name("cold.py")), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{specification.handler} cannot be measured:\n{done.stderr}")
    return json.loads(done.stdout)


def _unpack(package: Path, folder: Path, *, compiled: bool) -> None:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    if compiled:
        compileall.compile_dir(folder, quiet=2)


def _link(package: str, folder: Path) -> None:
    """Put an installed package into a folder, where it is found alone; its bytecode lies beside it."""
    files = distribution(package).files or []
    for top in {file.parts[0] for file in files if file.suffix == ".py"} - {".."}:
        (folder / top).symlink_to(Path(str(distribution(package).locate_file(top))))


def _show(results: Mapping[str, Any]) -> None:
    print(f"| function | called by | answer | {' | '.join(COLUMNS)} |")
    print("|" + "---|" * (len(COLUMNS) + 3))
    for name, figures in results["functions"].items():
        values = " | ".join(f"{figures[column]:.0f}" for column in COLUMNS)
        print(f"| {name} | {figures['called by']} | {figures['answer']} | {values} |")
    print(f"\nlayer {results['layer'] / 1e6:.1f} MB")
    for module, size in results["packages"].items():
        print(f"{module} {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
