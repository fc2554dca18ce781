"""One function in a fresh interpreter; the figures go to standard output.

    python -I -S -B cold.py SPECIFICATION

SPECIFICATION is a JSON file (see `bench.lambdas.functions.Specification`). Where it names no libraries,
nothing is timed: the modules that the function imports are listed instead, in their order. The way to the
first answer is counted in CPU time, of which a process knows how much it has used since its start, and later
answers in wall time.
"""

from __future__ import annotations

import time

INTERPRETER_MS = time.process_time() * 1000

import importlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from types import SimpleNamespace  # noqa: E402
from typing import Any  # noqa: E402


class Clock:
    """CPU milliseconds from one lap to the next, without those that making boto3's clients takes."""

    def __init__(self) -> None:
        self.clients_ms = 0.0
        self._clients_before = 0.0
        self._since = time.process_time()

    def lap(self) -> float:
        """End a lap and begin the next one."""
        now = time.process_time()
        took = (now - self._since) * 1000 - (self.clients_ms - self._clients_before)
        self._since, self._clients_before = now, self.clients_ms
        return took

    def watch_clients(self) -> None:
        """Time every `boto3.client`, of which the first one makes the session."""
        boto3 = sys.modules.get("boto3")
        if boto3 is None:
            return
        make = boto3.client

        def timed(*arguments: Any, **options: Any) -> Any:
            begun = time.process_time()
            try:
                return make(*arguments, **options)
            finally:
                self.clients_ms += (time.process_time() - begun) * 1000

        boto3.client = timed


def main() -> None:
    """Do what the specification says."""
    specification = json.loads(Path(sys.argv[1]).read_text())
    os.environ.update(specification["environment"])
    sys.path[:0] = specification["paths"]
    sys.stdout, figures_go_to = sys.stderr, sys.stdout  # metrics are printed
    module, _, name = specification["handler"].rpartition(".")
    libraries = specification["libraries"]
    if not libraries:
        importlib.import_module(module)
        json.dump(_modules_in(specification["paths"][1:]), figures_go_to)
        return
    clock = Clock()
    by_library = {}
    for library, modules in libraries.items():
        for found in modules:
            importlib.import_module(found)
        by_library[library] = clock.lap()
    clock.watch_clients()
    clock.lap()
    handler = getattr(importlib.import_module(module), name)
    own_ms = clock.lap()
    event = specification["event"]
    answer = _call(handler, event)
    first_ms = clock.lap()
    warm = []
    for _ in range(specification["warm_calls"]):
        begun = time.perf_counter()
        _call(handler, event)
        warm.append((time.perf_counter() - begun) * 1000)
    json.dump(
        {
            "interpreter": INTERPRETER_MS,
            "libraries": by_library,
            "own": own_ms,
            "clients": clock.clients_ms,
            "first": first_ms,
            "warm": warm,
            "answer": answer,
        },
        figures_go_to,
    )


def _modules_in(folders: list[str]) -> list[str]:
    """The modules that were imported from there, in the order of their import."""
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    return [name for name, file in files.items() if file.startswith(tuple(folders))]


def _call(handler: Any, event: Any) -> str:
    """The status of the answer, or what was raised instead of one."""
    context = SimpleNamespace(
        function_name="measured",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-central-1:111122223333:function:measured",
        aws_request_id="6f1c7a3e-0000-4000-8000-000000000000",
        get_remaining_time_in_millis=lambda: 10_000,
    )
    try:
        answer = handler(json.loads(json.dumps(event)), context)
    except Exception as error:  # noqa: BLE001 - an answer of its own kind
        return f"{type(error).__name__}: {error}"[:80]
    return str(answer["statusCode"]) if isinstance(answer, dict) and "statusCode" in answer else "done"


if __name__ == "__main__":
    main()
