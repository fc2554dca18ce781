from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.modules import SETTINGS
from fleet_tui.deploy.model import DeployState, DeployStatus, LastRun, RunRecord
from fleet_tui.deploy.modules import ModuleReport, ModuleState, ModuleStatus, Waiting, module_report
from fleet_tui.registry.modules import Modules
from tests.deploy.test_judgement import LOCK, NOW, look, run
from tests.deploy.test_judgement import state as state_file

NAMES = [str(field.alias) for field in Modules.model_fields.values()]
CHANNEL = "module.ivs_streaming[0].aws_ivs_channel.this"
RECORDINGS = "module.ivs_streaming[0].module.recordings[0].aws_s3_bucket.this"
API = "module.http_api[0].aws_apigatewayv2_api.this"
ON = Modules.model_validate({"ivs-streaming": {}})
OFF = Modules.model_validate({"ivs-streaming": {"enabled": False}})


def state(*addresses: str, status: DeployStatus = DeployStatus.UP_TO_DATE, **more: object) -> DeployState:
    return DeployState.model_validate(
        {"status": status, "addresses": addresses, "resources": len(addresses), **more}
    )


def ended(outcome: str, summary: str = "") -> LastRun:
    return LastRun(
        run_id="r", kind="apply", outcome=outcome, operator="ana@ops", started_at=NOW, summary=summary
    )


def of(name: str, report: ModuleReport) -> ModuleState:
    (found,) = (module for module in report.all if module.name == name)
    return found


@pytest.mark.parametrize(
    ("switches", "seen", "status", "resources"),
    [
        (ON, None, ModuleStatus.UNKNOWN, None),
        (OFF, None, ModuleStatus.UNKNOWN, None),
        (OFF, state(), ModuleStatus.OFF, 0),
        (Modules(), state(API), ModuleStatus.OFF, 0),
        (ON, state(API), ModuleStatus.TO_MAKE, 0),
        (ON, state(CHANNEL, RECORDINGS, API), ModuleStatus.UP, 2),
        (ON, state(CHANNEL, status=DeployStatus.OUT_OF_DATE), ModuleStatus.UP, 1),
        (ON, state(CHANNEL, status=DeployStatus.DRIFTED), ModuleStatus.UP, 1),
        (ON, state(CHANNEL, tainted=(CHANNEL,)), ModuleStatus.INCOMPLETE, 1),
        (ON, state(CHANNEL, deposed=(CHANNEL,)), ModuleStatus.INCOMPLETE, 1),
        (ON, state(deposed=(CHANNEL,)), ModuleStatus.INCOMPLETE, 0),
        (ON, state(CHANNEL, API, tainted=(API,)), ModuleStatus.UP, 1),
        (OFF, state(CHANNEL), ModuleStatus.TO_REMOVE, 1),
        (OFF, state(CHANNEL, tainted=(CHANNEL,)), ModuleStatus.TO_REMOVE, 1),
        (OFF, state(deposed=(CHANNEL,)), ModuleStatus.TO_REMOVE, 0),
        (Modules(), state(CHANNEL), ModuleStatus.TO_REMOVE, 1),
    ],
)
def test_one_word_for_every_situation(switches, seen, status, resources):
    found = of("ivs-streaming", module_report(switches, seen))
    assert (found.status, found.resources) == (status, resources)


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (state(CHANNEL, status=DeployStatus.DEPLOYING, last_run=ended("running")), "a run is at work"),
        (state(CHANNEL, status=DeployStatus.LOCKED, lock=LOCK), "somebody's Terraform holds the lock"),
        (state(CHANNEL, status=DeployStatus.FAILED, last_run=ended("failed")), "the last apply failed"),
        (state(CHANNEL, status=DeployStatus.FAILED, last_run=ended("running")), "the last apply broke off"),
        (
            state(CHANNEL, status=DeployStatus.OUT_OF_DATE, last_run=ended("cancelled")),
            "the last apply was cancelled",
        ),
        (state(CHANNEL, status=DeployStatus.FAILED, tainted=(API,)), "something is half made"),
    ],
)
def test_nothing_is_up_after_a_run_that_did_not_come_to_its_end(seen, why):
    report = module_report(ON, seen)
    assert report.unsettled == why
    assert of("ivs-streaming", report).status is ModuleStatus.UNPROVEN


@pytest.mark.parametrize(
    ("summary", "streaming", "shared"),
    [
        (f"{CHANNEL}: creating IVS Channel: denied", (ModuleStatus.INCOMPLETE, True), False),
        (f"{API}: creating API: denied", (ModuleStatus.UNPROVEN, False), True),
        ("aws_budgets_budget.this: denied", (ModuleStatus.UNPROVEN, False), False),
        ("Saved plan is stale", (ModuleStatus.UNPROVEN, False), False),
    ],
)
def test_a_run_that_failed_tells_where(summary, streaming, shared):
    seen = state(CHANNEL, status=DeployStatus.FAILED, last_run=ended("failed", summary))
    report = module_report(ON, seen)
    found = of("ivs-streaming", report)
    assert (found.status, found.failed) == streaming
    assert report.shared.failed is shared
    assert [module.name for module in report.all if module.failed] == ["ivs-streaming"][: streaming[1]]
    mended = seen.model_copy(
        update={"last_run": ended("succeeded", summary), "status": DeployStatus.UP_TO_DATE}
    )
    assert of("ivs-streaming", module_report(ON, mended)).status is ModuleStatus.UP


def test_a_module_whose_first_resource_could_not_be_made_is_still_to_be_made_and_failed():
    seen = state(API, status=DeployStatus.FAILED, last_run=ended("failed", f"{CHANNEL}: denied"))
    found = of("ivs-streaming", module_report(ON, seen))
    assert (found.status, found.failed) == (ModuleStatus.TO_MAKE, True)


def test_every_module_is_there_in_the_order_of_the_file_format():
    for seen in (None, state(CHANNEL)):
        report = module_report(ON, seen)
        assert [module.name for module in report.all] == NAMES
        assert [module.name for module in report.all if module.enabled] == ["ivs-streaming"]


def test_what_modules_share_is_counted_apart():
    seen = state(
        API, CHANNEL, "aws_budgets_budget.this", "module.mail.aws_ses_x.this", tainted=(API, CHANNEL)
    )
    shared = module_report(ON, seen).shared
    assert (shared.parts, shared.resources) == (("http-api", "mail"), 3)
    assert (shared.tainted, shared.deposed) == ((API,), ())


def test_a_module_whose_name_begins_like_anothers_is_not_that_one():
    seen = state("module.ivs_streaming_extra[0].aws_ivs_channel.this")
    assert of("ivs-streaming", module_report(ON, seen)).status is ModuleStatus.TO_MAKE


def test_waiting_stands_under_its_module_or_apart():
    entries = [
        {"module": "ivs-streaming", "what": "A playback key", "where": "creator.toml", "action": "Set it"},
        {"module": None, "what": "Delegation"},
        {"module": "mail", "what": "Production\naccess"},
    ]
    report = module_report(ON, state(CHANNEL, outputs={"waiting_for": entries}))
    assert of("ivs-streaming", report).waiting == (
        Waiting(what="A playback key", where="creator.toml", action="Set it"),
    )
    assert report.waiting == (Waiting(what="Delegation"), Waiting(what="Production access"))
    assert of("ivs-streaming", report).status is ModuleStatus.UP


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["what", "where", "action", "module", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(json_values)
def test_whatever_the_output_holds_is_shown_and_breaks_nothing(value):
    report = module_report(ON, state(CHANNEL, outputs={"waiting_for": value}))
    entries = value if isinstance(value, list) else [value] if value else []
    shown = len(report.waiting) + sum(len(module.waiting) for module in report.all)
    assert shown == len(entries)


calls = st.sampled_from([*NAMES, "http-api", "mail", ""])
addresses = st.builds(
    lambda call, nested, key: (
        (f"module.{call.replace('-', '_')}[0]." if call else "")
        + ("module.recordings[0]." if nested else "")
        + f'aws_x.this["{key}"]'
    ),
    calls,
    st.booleans(),
    st.text(max_size=6),
)
states = st.builds(
    lambda held, bad, old, status, outcome: state(
        *held,
        status=status,
        tainted=tuple(address for address in held if len(address) % bad == 0),
        deposed=tuple(old),
        last_run=outcome and ended(outcome),
    ),
    st.lists(addresses, max_size=12, unique=True),
    st.integers(min_value=1, max_value=4),
    st.lists(addresses, max_size=2),
    st.sampled_from(DeployStatus),
    st.sampled_from([None, "running", "succeeded", "failed", "cancelled"]),
)
switches = st.sets(st.sampled_from(NAMES)).map(
    lambda names: Modules.model_validate({name: SETTINGS.get(name, {}) for name in sorted(names)})
)


@given(switches, st.none() | states)
def test_up_is_said_only_of_what_is_on_and_there_and_whole_after_a_run_that_ended_well(modules, seen):
    for module in module_report(modules, seen).all:
        if module.status is ModuleStatus.UP:
            assert module.name in modules.enabled
            assert module.resources
            assert not module.tainted
            assert not module.deposed
            assert seen.last_run is None or seen.last_run.outcome == "succeeded"
            assert seen.status in (DeployStatus.UP_TO_DATE, DeployStatus.OUT_OF_DATE, DeployStatus.DRIFTED,
                                   DeployStatus.NEVER_DEPLOYED)  # fmt: skip


@given(switches, states)
def test_every_resource_is_counted_exactly_once(modules, seen):
    report = module_report(modules, seen)
    parts = (*report.all, report.shared)
    assert sum(part.resources for part in parts) == seen.resources
    for kind in ("tainted", "deposed"):
        listed = [address for part in parts for address in getattr(part, kind)]
        assert sorted(listed) == sorted(getattr(seen, kind))


@given(
    st.builds(
        state_file, st.sampled_from(["d1", "d2"]), status=st.sampled_from([None, "tainted"]),
        deposed=st.booleans(),
    ),
    st.none() | st.just(LOCK),
    st.none() | st.builds(run, st.sampled_from(["running", "failed", "cancelled", "succeeded"])),
)  # fmt: skip
def test_a_creator_that_is_up_to_date_has_no_module_in_doubt(found, lock, last):
    seen = look(found, lock=lock, record=RunRecord(last_run=last))
    report = module_report(ON, seen)
    if seen.status is DeployStatus.UP_TO_DATE:
        assert not report.unsettled
        doubtful = (ModuleStatus.UNPROVEN, ModuleStatus.INCOMPLETE)
        assert not [module for module in report.all if module.status in doubtful]


def test_values_kept_before_deposed_objects_were_told_can_still_be_read():
    kept = state(CHANNEL).model_dump(mode="json")
    del kept["deposed"]
    assert DeployState.model_validate(kept) == state(CHANNEL)
