"""What a creator's modules are like: a pure rule over the creator's switches and what the state holds.

The state tells what is there, and what of it is half made. It does not tell what is missing: a resource that
could not be created is simply not in it, nor is what was to come after it, in whatever module; and an apply
that broke off has written the digest of its configuration all the same (Terraform 1.11 evaluates an output
of a variable before any resource). So a module is called up only after an apply that came to its end. Of one
that failed, the run record tells where.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from pydantic import JsonValue

from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.registry.modules import Modules
from fleet_tui.values import Value

WAITING_OUTPUT = "waiting_for"
_CALL = re.compile(r"module\.([A-Za-z_][\w-]*)")


class ModuleStatus(StrEnum):
    """One word for a module of a creator."""

    UNKNOWN = "unknown"
    OFF = "off"
    TO_MAKE = "to_make"
    UP = "up"
    UNPROVEN = "unproven"
    INCOMPLETE = "incomplete"
    TO_REMOVE = "to_remove"


class Waiting(Value):
    """What waits for a person or for AWS, as a module says it in Terraform's output `waiting_for`."""

    what: str
    where: str = ""
    action: str = ""


class ModuleState(Value):
    """One module of one creator.

    Args:
        name: as in creator.toml, `ivs-streaming`.
        enabled: whether it is on in creator.toml.
        status: one word.
        resources: how many of its resource instances the state holds; None where the state was never seen.
        tainted: addresses of those that were made in part.
        deposed: addresses of those that were replaced, and whose old object is still there.
        failed: whether the last run failed in it.
        waiting: what it waits for.
    """

    name: str
    enabled: bool
    status: ModuleStatus
    resources: int | None = None
    tainted: tuple[str, ...] = ()
    deposed: tuple[str, ...] = ()
    failed: bool = False
    waiting: tuple[Waiting, ...] = ()


class Shared(Value):
    """What the state holds outside of the modules: the parts that several of them stand on.

    Args:
        parts: names of those parts, `http-api`.
        resources: how many resource instances.
        tainted: addresses of those that were made in part.
        deposed: addresses of those whose replaced object is still there.
        failed: whether the last run failed in one of those parts.
    """

    parts: tuple[str, ...] = ()
    resources: int = 0
    tainted: tuple[str, ...] = ()
    deposed: tuple[str, ...] = ()
    failed: bool = False


class ModuleReport(Value):
    """All modules of a creator.

    Args:
        all: every module that the registry knows, in the order of the file format.
        shared: what is in none of them.
        waiting: what is waited for by none of them.
        unsettled: why nothing in the state can be called whole, as the beginning of a sentence; or empty.
    """

    all: tuple[ModuleState, ...]
    shared: Shared = Shared()
    waiting: tuple[Waiting, ...] = ()
    unsettled: str = ""


def module_report(switches: Modules, state: DeployState | None) -> ModuleReport:
    """What each module is like.

    Args:
        switches: the modules of creator.toml.
        state: what is known about the infrastructure; None where nothing is.
    """
    names = tuple(str(field.alias) for field in type(switches).model_fields.values())
    on = frozenset(switches.enabled)
    if state is None:
        unseen = (ModuleState(name=name, enabled=name in on, status=ModuleStatus.UNKNOWN) for name in names)
        return ModuleReport(all=tuple(unseen))
    unsettled, failed_in = _unsettled(state), _failed_in(state)
    held = Counter(map(_part, state.addresses))
    waiting = _waiting(state.outputs.get(WAITING_OUTPUT))
    modules = []
    for name in names:
        tainted, deposed = _of(name, state.tainted), _of(name, state.deposed)
        modules.append(
            ModuleState(
                name=name,
                enabled=name in on,
                status=_status(
                    enabled=name in on,
                    held=held[name] + len(deposed),
                    half_made=bool(tainted or deposed) or name == failed_in,
                    settled=not unsettled,
                ),
                resources=held[name],
                tainted=tainted,
                deposed=deposed,
                failed=name == failed_in,
                waiting=tuple(entry for module, entry in waiting if module == name),
            )
        )
    others = frozenset(map(_part, (*state.addresses, *state.deposed))) - frozenset(names)
    return ModuleReport(
        all=tuple(modules),
        shared=Shared(
            parts=tuple(sorted(others - {""})),
            resources=sum(held[part] for part in others),
            tainted=tuple(address for address in state.tainted if _part(address) in others),
            deposed=tuple(address for address in state.deposed if _part(address) in others),
            failed=bool(failed_in) and failed_in not in names,
        ),
        waiting=tuple(entry for module, entry in waiting if module not in names),
        unsettled=unsettled,
    )


def _status(*, enabled: bool, held: int, half_made: bool, settled: bool) -> ModuleStatus:
    if not enabled:
        return ModuleStatus.TO_REMOVE if held else ModuleStatus.OFF
    if not held:
        return ModuleStatus.TO_MAKE
    if half_made:
        return ModuleStatus.INCOMPLETE
    return ModuleStatus.UP if settled else ModuleStatus.UNPROVEN


def _unsettled(state: DeployState) -> str:
    last = state.last_run
    if state.status is DeployStatus.DEPLOYING:
        return "a run is at work"
    if state.status is DeployStatus.LOCKED:
        return "somebody's Terraform holds the lock"
    if last and last.left_open:
        ended = {"cancelled": "was cancelled", "failed": "failed"}.get(last.outcome, "broke off")
        return f"the last {last.kind} {ended}"
    if state.status is DeployStatus.FAILED:
        return "something is half made"
    return ""


def _failed_in(state: DeployState) -> str:
    """The part that the last run failed in, or nothing: its summary begins with the resource's address."""
    last = state.last_run
    return _part(last.summary) if last and last.left_open and last.outcome == "failed" else ""


def _part(address: str) -> str:
    """The root module's call that an address lies in, by the platform's name; empty for the root itself.

    Terraform's names have underscores where the platform's have hyphens.
    """
    call = _CALL.match(address)
    return call[1].replace("_", "-") if call else ""


def _of(name: str, addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(address for address in addresses if _part(address) == name)


def _waiting(output: JsonValue) -> list[tuple[str, Waiting]]:
    """The entries of the output, each with its module's name or an empty one.

    An entry that is not in the form of `waiting_for` is shown as it is: it is somebody's work to do.
    """
    found = []
    for entry in output if isinstance(output, list) else [output] if output else []:
        fields = entry if isinstance(entry, dict) and entry.get("what") else {"what": entry}
        what, where, action, module = (
            _text(fields.get(name)) for name in ("what", "where", "action", "module")
        )
        found.append((module.replace("_", "-"), Waiting(what=what, where=where, action=action)))
    return found


def _text(value: JsonValue) -> str:
    """The value on one line."""
    return "" if value is None else " ".join(str(value).split())
