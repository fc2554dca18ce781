"""The eight steps, judged from facts: no mocks, no network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fleet_tui.deploy.drift import Drift
from fleet_tui.deploy.model import DeployState, DeployStatus, Lock
from fleet_tui.onboarding.delegation import Delegation, judge_delegation
from fleet_tui.onboarding.facade import todo
from fleet_tui.onboarding.mail_rules import mail_records, production_request
from fleet_tui.onboarding.model import (
    AccountReport,
    Answer,
    Check,
    DnsReport,
    Doing,
    LiveReport,
    MailReport,
    MailStatus,
    Memory,
    Outcome,
    Production,
    Remembered,
    ServerAnswer,
    SiteFact,
    Step,
    StepName,
    StepState,
)
from fleet_tui.onboarding.steps import Facts, judge_steps, live_state, remembered
from fleet_tui.operations.model import Operation, OperationKind, PlanSummary, Run, RunStatus
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.model import Creator

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SERVERS = ("ns-1.awsdns-01.org", "ns-2.awsdns-02.net")
MODULES = {"s3-website": {}, "user-auth": {}, "ivs-streaming": {}, "contact-form": {}}
WELL = Check(name="page", outcome=Outcome.OK, found="200")


def creator(modules: dict[str, Any] | None = None, *, production: bool = False) -> Creator:
    return Creator.model_validate(
        {
            "slug": "kasper",
            "name": "Kasper Kast",
            "domain": "kasper.live",
            "account_id": "210000000001",
            "region": "eu-central-1",
            "contact": "kasper@kasper.live",
            "monthly_budget": Decimal(150),
            "mail": {"production": production},
            "modules": MODULES if modules is None else modules,
        }
    )


def deployed(status: DeployStatus = DeployStatus.UP_TO_DATE, **more: Any) -> DeployState:
    outputs = {"name_servers": [f"{name}." for name in SERVERS], "site_bucket": "kasper-site"}
    waiting = [
        {"module": "s3-website", "what": "Delegation"},
        {"module": "mail", "what": "Production access"},
    ]
    return DeployState.model_validate(
        {
            "status": status,
            "serial": 3,
            "resources": 40,
            "outputs": outputs | {"waiting_for": waiting},
            **more,
        }
    )


def run(kind: OperationKind, *, target: str = "", **more: Any) -> Run:
    operation = Operation(
        id=f"20261123T0900-{kind}-kasper", kind=kind, slug="kasper", account_id="210000000001",
        operator="ana@ops", target=target, requested_at=NOW,
    )  # fmt: skip
    return Run.model_validate({"operation": operation, "status": RunStatus.RUNNING, **more})


def mail(**more: Any) -> MailReport:
    fields = {
        "identity": MailStatus.VERIFIED, "production": Production.GRANTED, "region": "eu-central-1",
        "checked_at": NOW, "tokens": ("a", "b", "c"), "per_day": 50_000, "per_second": 14,
    }  # fmt: skip
    return MailReport.model_validate(fields | more)


def dns(*answers: Answer, parents: tuple[str, ...] = SERVERS, **more: Any) -> DnsReport:
    resolvers = [
        ServerAnswer(
            server=f"192.0.2.{number}", answer=answer, names=SERVERS if answer is Answer.FOUND else ()
        )
        for number, answer in enumerate(answers or (Answer.FOUND, Answer.FOUND))
    ]
    above = ServerAnswer(server="192.0.2.9", answer=Answer.FOUND if parents else Answer.NONE, names=parents)
    return DnsReport.model_validate(
        {
            "domain": "kasper.live", "expected": SERVERS, "parent": "live", "parents": [above],
            "resolvers": resolvers, "checked_at": NOW,
            "servers": [ServerAnswer(server=one, answer=Answer.FOUND) for one in SERVERS], **more,
        }
    )  # fmt: skip


def facts(**more: Any) -> Facts:
    """A creator whose infrastructure is there, as the last look found."""
    memory = more.pop("memory", {})
    given = {"creator": creator(), "deploy": deployed(), "looked_at": NOW} | more
    return Facts(slug="kasper", memory=Memory.model_validate(memory), **given)


def step(name: StepName, found: Facts) -> Step:
    return judge_steps(found).step(name)


def test_a_file_that_cannot_be_used_stops_everything():
    journey = judge_steps(Facts(slug="ron", errors=('region "eu-centrl-1" is not a region',)))
    assert journey.step(StepName.CREATOR).state is StepState.FAILED
    assert {one.state for one in journey.steps[1:]} == {StepState.TO_DO}
    assert [one.doing for one in journey.steps] == [None] * 8
    assert journey.next is not None
    assert journey.next.name is StepName.CREATOR


@pytest.mark.parametrize(
    ("kind", "what", "state"),
    [
        (ProblemKind.WRONG_ACCOUNT, "the credentials lead to account 1", StepState.FAILED),
        (ProblemKind.DENIED, "you may not take on the role", StepState.FAILED),
        (ProblemKind.CREDENTIALS, "the AWS sign-in has expired", StepState.FAILED),
        (ProblemKind.NETWORK, "sts did not answer in time", StepState.UNKNOWN),
        (ProblemKind.SERVICE, "AWS is still verifying the account", StepState.WAITING),
    ],
)
def test_an_account_that_cannot_be_entered(kind, what, state):
    problem = Problem(kind=kind, what=what, hint="Do something")
    found = facts(deploy=None, deploy_problem=problem)
    account = step(StepName.ACCOUNT, found)
    assert (account.state, account.found) == (state, (what,))
    assert step(StepName.INFRASTRUCTURE, found).action == "Once the account can be entered"


def test_the_newest_word_on_the_account_counts():
    problem = Problem(kind=ProblemKind.DENIED, what="you may not take on the role")
    older = AccountReport(problem=problem, checked_at=NOW - timedelta(hours=1))
    assert step(StepName.ACCOUNT, facts(memory={"account": older})).state is StepState.DONE
    newer = AccountReport(problem=problem, checked_at=NOW + timedelta(hours=1))
    assert step(StepName.ACCOUNT, facts(memory={"account": newer})).state is StepState.FAILED


def test_a_new_account_gets_its_bucket_then_a_plan_then_an_apply():
    nothing = DeployState(status=DeployStatus.NEVER_DEPLOYED)
    new = facts(deploy=nothing, memory={"bucket_ready": False})
    assert step(StepName.BACKEND, new).doing is Doing.CREATE_BACKEND
    assert step(StepName.INFRASTRUCTURE, new).doing is None
    making = replace(new, run=run(OperationKind.PLAN, target="backend", last_text="creating"))
    assert step(StepName.BACKEND, making).state is StepState.RUNNING
    ready = facts(deploy=nothing, memory={"bucket_ready": True})
    assert step(StepName.BACKEND, ready).state is StepState.DONE
    assert step(StepName.INFRASTRUCTURE, ready).doing is Doing.PLAN
    plan = run(OperationKind.PLAN, status=RunStatus.SUCCEEDED, plan=PlanSummary(add=40))
    planned = step(StepName.INFRASTRUCTURE, replace(ready, plan=plan))
    assert (planned.doing, planned.target) == (Doing.APPLY, plan.id)
    assert "40 to add" in planned.found[0]
    applying = step(StepName.INFRASTRUCTURE, replace(ready, run=run(OperationKind.APPLY, done=3, total=40)))
    assert applying.state is StepState.RUNNING
    assert "(3 of 40)" in applying.found[0]


def test_what_was_changed_by_hand_does_not_hide_that_there_is_something_to_apply():
    drift = Drift(checked_at=NOW, addresses=("aws_sesv2_email_identity.this",))
    drifted = deployed(DeployStatus.DRIFTED, reason="1 resource", drift=drift)
    assert step(StepName.INFRASTRUCTURE, facts(deploy=drifted)).state is StepState.DONE
    changed = drifted.model_copy(update={"applied_digest": "a", "wanted_digest": "b"})
    assert step(StepName.INFRASTRUCTURE, facts(deploy=changed)).doing is Doing.PLAN
    plan = run(OperationKind.PLAN, status=RunStatus.SUCCEEDED, plan=PlanSummary(add=5))
    assert step(StepName.INFRASTRUCTURE, facts(deploy=changed, plan=plan)).doing is Doing.APPLY


def test_ivs_verifying_an_account_is_waited_for_and_other_failures_are_not():
    failed = deployed(
        DeployStatus.FAILED, reason="creating IVS Channel: Your account is pending verification"
    )
    waiting = step(StepName.INFRASTRUCTURE, facts(deploy=failed))
    assert (waiting.state, waiting.waiting_for) == (StepState.WAITING, "AWS to verify the account for IVS")
    broken = step(StepName.INFRASTRUCTURE, facts(deploy=deployed(DeployStatus.FAILED, reason="AccessDenied")))
    assert (broken.state, broken.doing) == (StepState.FAILED, Doing.PLAN)


def test_somebody_elses_lock_is_waited_for():
    lock = Lock(id="1", operation="apply", who="ben@build", created=NOW - timedelta(hours=2))
    held = step(StepName.INFRASTRUCTURE, facts(deploy=deployed(DeployStatus.LOCKED, lock=lock)))
    assert held.state is StepState.WAITING
    assert "ben@build" in held.waiting_for
    assert held.since == lock.created


@pytest.mark.parametrize(
    ("report", "state", "doing"),
    [
        (mail(production=Production.NOT_ASKED), StepState.TO_DO, Doing.ASK_FOR_PRODUCTION),
        (mail(production=Production.ASKED), StepState.WAITING, None),
        (mail(production=Production.DECLINED), StepState.FAILED, None),
        (mail(), StepState.TO_DO, Doing.SET_PRODUCTION),
        (mail(healthy=False), StepState.FAILED, None),
        (mail(identity=MailStatus.FAILED), StepState.FAILED, None),
    ],
)
def test_mail(report, state, doing):
    found = step(StepName.MAIL, facts(memory={"mail": report}))
    assert (found.state, found.doing) == (state, doing)
    assert found.action
    assert len(found.records) == 4


def test_mail_is_done_once_it_is_verified_granted_and_entered():
    there = creator(production=True)
    assert step(StepName.MAIL, facts(creator=there, memory={"mail": mail()})).state is StepState.DONE
    unverified = facts(creator=there, memory={"mail": mail(identity=MailStatus.PENDING)})
    assert step(StepName.MAIL, unverified).waiting_for == "SES to find its records"
    elsewhere = creator({"contact-form": {}}, production=True)
    kept = facts(creator=elsewhere, memory={"mail": mail(identity=MailStatus.PENDING)})
    assert step(StepName.MAIL, kept).waiting_for == "the records below"


def test_mail_of_an_old_creator_is_told_from_the_state_alone():
    settled = deployed(outputs={"waiting_for": []})
    assert (
        step(StepName.MAIL, facts(creator=creator(production=True), deploy=settled)).state is StepState.DONE
    )
    assert step(StepName.MAIL, facts(creator=creator(production=True))).state is StepState.UNKNOWN


def test_mail_records_have_what_ses_and_receivers_look_for():
    records = mail_records(creator(), mail(tokens=("a", "b", "c"), mail_from="mail.kasper.live"))
    assert [(one.type, one.name) for one in records] == [
        ("CNAME", "a._domainkey.kasper.live"),
        ("CNAME", "b._domainkey.kasper.live"),
        ("CNAME", "c._domainkey.kasper.live"),
        ("TXT", "_dmarc.kasper.live"),
        ("MX", "mail.kasper.live"),
        ("TXT", "mail.kasper.live"),
    ]
    assert records[0].line == "a._domainkey.kasper.live CNAME a.dkim.amazonses.com"
    assert records[4].value == "10 feedback-smtp.eu-central-1.amazonses.com"


def test_mail_records_show_what_name_servers_have():
    cname, _, _, dmarc = mail_records(creator(), mail())
    seen = dns(records=(cname.model_copy(update={"found": True}), dmarc.model_copy(update={"found": False})))
    found = step(StepName.MAIL, facts(memory={"mail": mail(), "dns": seen})).records
    assert [one.found for one in found] == [True, None, None, False]


def test_what_aws_is_told_is_what_the_modules_send():
    plain = production_request(creator())
    assert plain.mail_type == "TRANSACTIONAL"
    assert "no bulk mail" in plain.use_case
    assert "the contact form's messages" in plain.use_case
    assert "newsletter" not in plain.use_case
    letters = production_request(creator({"newsletter": {"imprint": "Kasper Kast, Berlin"}}))
    assert letters.mail_type == "MARKETING"
    assert "double opt-in" in letters.use_case
    assert len(letters.use_case) < 5000  # the API's limit


def test_the_site_is_brought_up_once_its_bucket_is_there():
    assert step(StepName.FRONTEND, facts()).state is StepState.UNKNOWN
    placeholder = step(StepName.FRONTEND, facts(memory={"site": SiteFact()}))
    assert (placeholder.state, placeholder.doing) == (StepState.TO_DO, Doing.DEPLOY_SITE)
    up = SiteFact(release="r1", deployed_by="ana@ops", out_of_date=True)
    done = step(StepName.FRONTEND, facts(memory={"site": up}))
    assert done.state is StepState.DONE
    assert "have changed since" in done.found[1]
    assert step(StepName.FRONTEND, facts(deploy=deployed(outputs={}))).doing is None


def test_a_domain_that_is_delegated_is_entered_then_applied_then_done():
    waiting = step(StepName.DNS, facts(memory={"dns": dns(parents=())}))
    assert (waiting.state, waiting.waiting_for) == (StepState.WAITING, "the name servers at the registrar")
    assert [record.value for record in waiting.records] == list(SERVERS)
    assert [record.found for record in waiting.records] == [False, False]
    delegated = step(StepName.DNS, facts(memory={"dns": dns()}))
    assert (delegated.state, delegated.doing) == (StepState.TO_DO, Doing.SET_DOMAIN_READY)
    ready = creator({**MODULES, "s3-website": {"domain_ready": True}})
    entered = step(StepName.DNS, facts(creator=ready, memory={"dns": dns()}))
    assert (entered.state, entered.doing) == (StepState.TO_DO, None)
    applied = deployed(outputs={"name_servers": list(SERVERS), "waiting_for": []})
    assert (
        step(StepName.DNS, facts(creator=ready, deploy=applied, memory={"dns": dns()})).state
        is StepState.DONE
    )
    # Without a check the certificate proves it; with one, what was found counts.
    assert step(StepName.DNS, facts(creator=ready, deploy=applied)).state is StepState.DONE
    lost = facts(creator=ready, deploy=applied, memory={"dns": dns(parents=("ns1.parked.example",))})
    assert step(StepName.DNS, lost).state is StepState.WAITING


def test_what_was_said_of_an_older_zone_is_no_news():
    other = dns(expected=("ns-8.awsdns-08.org",), parents=("ns-8.awsdns-08.org",))
    assert "have not been asked" in step(StepName.DNS, facts(memory={"dns": other})).found[0]


@pytest.mark.parametrize("modules", [{}, {"ivs-chat": {}}])
def test_what_no_module_asks_for_is_not_needed(modules):
    journey = judge_steps(
        facts(creator=creator(modules), memory={"live": LiveReport(checks=(WELL,), checked_at=NOW)})
    )
    states = {one.name: one.state for one in journey.steps}
    assert states[StepName.DNS] is states[StepName.FRONTEND] is states[StepName.MAIL] is StepState.NOT_NEEDED
    assert journey.live


def test_going_live_comes_last_and_is_as_good_as_its_worst_check():
    early = step(StepName.LIVE, facts())
    assert early.action == "Once the site and the domain are done"
    ready = creator({"ivs-streaming": {}})
    assert step(StepName.LIVE, facts(creator=ready)).state is StepState.TO_DO
    bad = Check(name="API", outcome=Outcome.FAILED, found="GET /live: 500", action="Look at the log")
    report = LiveReport(checks=(WELL, bad), checked_at=NOW)
    nothing = step(
        StepName.LIVE, facts(creator=ready, memory={"live": LiveReport(checks=(), checked_at=NOW)})
    )
    assert (nothing.state, nothing.found) == (
        StepState.NOT_NEEDED,
        ("no module is on that visitors notice",),
    )
    skipped = report.model_copy(update={"checks": (WELL.model_copy(update={"outcome": Outcome.SKIPPED}),)})
    unknown = step(StepName.LIVE, facts(creator=ready, memory={"live": skipped}))
    assert (unknown.state, unknown.found) == (StepState.UNKNOWN, ("no check could be made",))
    failed = step(StepName.LIVE, facts(creator=ready, memory={"live": report}))
    assert (failed.state, failed.found, failed.action) == (
        StepState.FAILED,
        ("API: GET /live: 500",),
        "Look at the log",
    )


@example([Outcome.OK, Outcome.UNKNOWN])
@given(st.lists(st.sampled_from(list(Outcome)), max_size=6))
def test_live_only_when_every_check_is_well(outcomes):
    checks = [Check(name="x", outcome=outcome, found="y") for outcome in outcomes]
    done = live_state(checks) is StepState.DONE
    assert done == (Outcome.OK in outcomes and set(outcomes) <= {Outcome.OK, Outcome.SKIPPED})


ANSWERS = st.builds(
    ServerAnswer,
    server=st.sampled_from(["192.0.2.1", "192.0.2.2"]),
    answer=st.sampled_from(list(Answer)),
    names=st.sampled_from([(), SERVERS, SERVERS[:1], ("ns1.parked.example",)]),
)


@given(st.lists(ANSWERS, max_size=3), st.lists(ANSWERS, max_size=3), st.lists(ANSWERS, max_size=2))
def test_delegated_is_said_only_where_the_parent_and_every_resolver_that_speaks_say_exactly_ours(
    parents, resolvers, servers
):
    report = dns().model_copy(
        update={"parents": tuple(parents), "resolvers": tuple(resolvers), "servers": tuple(servers)}
    )
    verdict = judge_delegation(report)
    assert verdict.found
    if verdict.delegation is Delegation.DELEGATED:
        spoken = [one for one in parents if one.answer not in (Answer.SILENT, Answer.REFUSED)]
        assert all(frozenset(one.names) == frozenset(SERVERS) for one in spoken)
        heard = [one for one in resolvers if one.answer is not Answer.SILENT]
        assert heard
        assert all(one.answer is Answer.FOUND and one.names == SERVERS for one in heard)
    else:
        assert verdict.action


STATES = st.sampled_from(list(DeployStatus))
MEMORIES = st.builds(
    Memory,
    bucket_ready=st.sampled_from([None, True, False]),
    mail=st.sampled_from([None, mail(), mail(production=Production.ASKED), mail(identity=MailStatus.ABSENT)]),
    dns=st.sampled_from([None, dns(), dns(Answer.SILENT), dns(Answer.BOGUS), dns(parents=())]),
    site=st.sampled_from([None, SiteFact(), SiteFact(release="r1")]),
    live=st.sampled_from([None, LiveReport(checks=(WELL,), checked_at=NOW)]),
)


@given(
    STATES,
    MEMORIES,
    st.sampled_from([None, *ProblemKind]),
    st.sampled_from([{}, MODULES, {**MODULES, "s3-website": {"domain_ready": True}}]),
    st.sampled_from([None, OperationKind.PLAN, OperationKind.APPLY, OperationKind.FRONTEND]),
)
def test_every_step_says_what_is_the_matter_and_what_to_do(status, memory, kind, modules, kind_of_run):
    problem = Problem(kind=kind, what="it did not work") if kind else None
    going_on = run(kind_of_run, last_text="working") if kind_of_run else None
    found = facts(
        creator=creator(modules),
        deploy=deployed(status, reason="because"),
        deploy_problem=problem,
        run=going_on,
        memory=memory,
    )
    journey = judge_steps(found)
    assert [one.name for one in journey.steps] == list(StepName)
    for one in journey.steps:
        assert one.found or one.action
        if one.state is StepState.WAITING:
            assert one.waiting_for
        if one.state in (StepState.TO_DO, StepState.FAILED, StepState.UNKNOWN):
            assert one.action
        if one.doing is not None:
            assert not one.settled
            assert one.state is not StepState.RUNNING
    assert journey.live == (journey.next is None)
    assert [pair[0] for pair in todo([journey])] == ([] if journey.live else [journey])


@given(MEMORIES, MEMORIES, st.integers(min_value=0, max_value=10_000))
def test_since_is_kept_as_long_as_a_step_stays_as_it_is(before, after, minutes):
    first = judge_steps(facts(memory=before))
    kept = remembered(first.steps, NOW)
    later = NOW + timedelta(minutes=minutes)
    second = judge_steps(facts(memory=after.model_copy(update={"steps": dict(kept)})))
    again = remembered(second.steps, later)
    for name in StepName:
        same = (kept[name].state, kept[name].waiting_for) == (again[name].state, again[name].waiting_for)
        assert again[name].since == (kept[name].since if same else later)


def test_nobody_says_since_when_who_has_not_seen_it_begin():
    assert step(StepName.DNS, facts()).since is None
    before, whom = NOW - timedelta(days=2), "the name servers at the registrar"
    seen = {StepName.DNS: Remembered(state=StepState.WAITING, waiting_for=whom, since=before)}
    assert step(StepName.DNS, facts(memory={"steps": seen})).since == before
