"""What each of the eight steps is like: pure rules over what is known.

Nothing in here asks anybody. Whatever the fleet's picture tells (the state, its outputs, runs) is taken from
there; what has to be asked for (DNS, SES, the open site) comes from the last check, with its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.onboarding.delegation import dns_step
from fleet_tui.onboarding.mail_rules import mail_step
from fleet_tui.onboarding.model import (
    Check,
    Doing,
    Journey,
    Memory,
    Outcome,
    Remembered,
    Step,
    StepName,
    StepState,
)
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.problems import Problem, ProblemKind
from fleet_tui.registry.model import Creator

_LOCKED_OUT = frozenset({ProblemKind.CREDENTIALS, ProblemKind.DENIED, ProblemKind.WRONG_ACCOUNT})
_VERIFYING = "verif"  # AWS words it "pending verification", we word it "still verifying the account"
_AT_WORK = {
    OperationKind.PLAN: "a plan is being made",
    OperationKind.APPLY: "a plan is being applied",
    OperationKind.DESTROY: "the infrastructure is being destroyed",
}


@dataclass(frozen=True)
class Facts:
    """What is known about a creator when the steps are judged.

    Args:
        slug: the creator's.
        creator: None where creator.toml cannot be used.
        errors: why not, a sentence each.
        deploy: what was last seen of the state; None where it never was.
        deploy_problem: why the last look at it failed.
        looked_at: when it was last looked at, successfully or not.
        run: what is going on right now.
        plan: the newest plan that can be applied.
        memory: what was remembered of earlier checks.
    """

    slug: str
    creator: Creator | None = None
    errors: tuple[str, ...] = ()
    deploy: DeployState | None = None
    deploy_problem: Problem | None = None
    looked_at: datetime | None = None
    run: Run | None = None
    plan: Run | None = None
    memory: Memory = field(default_factory=Memory)


def judge_steps(facts: Facts) -> Journey:
    """All eight steps, with since when each is as it is, as far as anybody has seen."""
    creator = facts.creator
    if creator is None:
        invalid = Step(
            name=StepName.CREATOR,
            state=StepState.FAILED,
            found=facts.errors,
            action="Correct creator.toml; it is read again by itself",
        )
        rest = (after(name, "creator.toml is correct") for name in StepName if name is not StepName.CREATOR)
        steps: tuple[Step, ...] = (invalid, *rest)
    else:
        steps = _steps(facts, creator)
    return Journey(
        slug=facts.slug,
        name=creator.name if creator else facts.slug,
        domain=creator.domain if creator else "",
        steps=tuple(_since(_asked(step, facts.memory.problems), facts.memory.steps) for step in steps),
    )


def remembered(steps: Iterable[Step], now: datetime) -> Mapping[StepName, Remembered]:
    """What is to be kept of these steps, so that whoever looks next knows since when."""
    return {
        step.name: Remembered(state=step.state, waiting_for=step.waiting_for, since=step.since or now)
        for step in steps
    }


def after(name: StepName, what: str) -> Step:
    """A step whose turn has not come.

    Args:
        name: the step.
        what: what has to be before it, to follow "Once": `the account can be entered`.
    """
    return Step(name=name, state=StepState.TO_DO, action=f"Once {what}")


def _steps(facts: Facts, creator: Creator) -> tuple[Step, ...]:
    first = Step(
        name=StepName.CREATOR,
        state=StepState.DONE,
        found=(f"{creator.domain} in account {creator.account_id}, {creator.region}",),
    )
    account = _account(facts)
    if account.state is not StepState.DONE:
        later = (StepName.BACKEND, StepName.MAIL, StepName.INFRASTRUCTURE, StepName.FRONTEND)
        rest = tuple(
            after(name, "the account can be entered") for name in (*later, StepName.DNS, StepName.LIVE)
        )
        return (first, account, *rest)
    backend = _backend(facts, creator)
    infrastructure = _infrastructure(facts, backend)
    made = made_by_terraform(facts.deploy)
    mail = mail_step(creator, facts.deploy, facts.memory.mail, facts.memory.dns, made=made)
    frontend = _frontend(facts, creator, made=made)
    dns = dns_step(creator, facts.deploy, facts.memory.dns, made=made)
    before = [step for step in (infrastructure, frontend, dns) if not step.settled]
    live = _live(facts, before)
    return (first, account, backend, mail, infrastructure, frontend, dns, live)


def made_by_terraform(deploy: DeployState | None) -> bool:
    """Whether there is anything in the account, as far as the state tells."""
    return deploy is not None and deploy.resources > 0


def _account(facts: Facts) -> Step:
    """The newest of what entering the account gave: the look at its state, or a check."""
    tried = [(facts.looked_at, facts.deploy_problem)] if facts.looked_at else []
    if (asked := facts.memory.account) is not None:
        tried.append((asked.checked_at, asked.problem))
    if not tried:
        untried = ("nobody has tried to enter it yet",)
        return Step(name=StepName.ACCOUNT, state=StepState.UNKNOWN, found=untried, action="Check again")
    at, problem = max(tried, key=lambda pair: pair[0])
    if problem is None or not (problem.kind in _LOCKED_OUT or problem.transient):
        found = "the credentials lead to the account that creator.toml names"
        return Step(name=StepName.ACCOUNT, state=StepState.DONE, found=(found,), checked_at=at)
    state, waiting_for = StepState.UNKNOWN, ""
    if problem.kind in _LOCKED_OUT:
        state = StepState.FAILED
    elif _VERIFYING in problem.what:
        state, waiting_for = StepState.WAITING, "AWS to verify the account"
    return Step(
        name=StepName.ACCOUNT,
        state=state,
        waiting_for=waiting_for,
        found=(problem.what,),
        action=problem.hint or "Check again",
        checked_at=at,
    )


def _backend(facts: Facts, creator: Creator) -> Step:
    name, bucket, deploy = StepName.BACKEND, creator.state_bucket, facts.deploy
    if (deploy is not None and deploy.serial is not None) or facts.memory.bucket_ready:
        return Step(
            name=name, state=StepState.DONE, found=(f"{bucket}, with Terraform's lock beside the state",)
        )
    run = facts.run
    if run is not None and OperationKind.BACKEND in (run.operation.kind, run.operation.target):
        return Step(name=name, state=StepState.RUNNING, found=(run.last_text or "the bucket is being made",))
    if facts.memory.bucket_ready is False or deploy is not None:
        return Step(
            name=name,
            state=StepState.TO_DO,
            found=(f"there is no {bucket} yet, or it was not made to its end",),
            action="Make the bucket; the first plan follows at once",
            doing=Doing.CREATE_BACKEND,
        )
    return Step(
        name=name, state=StepState.UNKNOWN, found=("the bucket has not been looked at",), action="Check again"
    )


def _infrastructure(facts: Facts, backend: Step) -> Step:
    name, deploy, run = StepName.INFRASTRUCTURE, facts.deploy, facts.run
    if run is not None and run.operation.kind in _AT_WORK:
        text = f": {run.last_text}" if run.last_text else ""
        progress = f" ({run.done} of {run.total})" if run.total else ""
        found = f"{_AT_WORK[run.operation.kind]} by {run.operation.operator}{progress}{text}"
        return Step(name=name, state=StepState.RUNNING, found=(found,), since=run.started_at)
    if backend.state is not StepState.DONE:
        return after(name, "the state bucket is there")
    status = deploy.status if deploy else DeployStatus.NEVER_DEPLOYED
    reason = (deploy.reason,) if deploy and deploy.reason else ()
    match status:
        # What was changed by hand is told before what is out of date, and both can be.
        case DeployStatus.UP_TO_DATE | DeployStatus.DRIFTED if deploy is not None and not deploy.outdated:
            drifted = ("changed by hand since: the creator's page says what",) if reason else ()
            count = f"{deploy.resources} resources"
            return Step(name=name, state=StepState.DONE, found=(count, *drifted))
        case DeployStatus.DEPLOYING:
            return Step(name=name, state=StepState.RUNNING, found=reason, since=deploy and deploy.since)
        case DeployStatus.LOCKED if deploy and deploy.lock:
            return Step(
                name=name,
                state=StepState.WAITING,
                waiting_for=f"{deploy.lock.who}, who holds Terraform's lock",
                since=deploy.lock.created,
                action="Ask them, or wait for their run to end",
            )
        case DeployStatus.FAILED if _VERIFYING in " ".join(reason):
            return Step(
                name=name,
                state=StepState.WAITING,
                waiting_for="AWS to verify the account for IVS",
                found=reason,
                since=deploy and deploy.since,
                action="Nothing but to wait for AWS, mostly a day; then plan again",
                doing=Doing.PLAN,
            )
    failed = status is DeployStatus.FAILED
    if facts.plan is not None:
        return Step(
            name=name,
            state=StepState.FAILED if failed else StepState.TO_DO,
            found=(*reason, f"there is a plan: {_plan_in_words(facts.plan)}"),
            action="Read the plan and apply it",
            doing=Doing.APPLY,
            target=facts.plan.id,
        )
    return Step(
        name=name,
        state=StepState.FAILED if failed else StepState.TO_DO,
        found=reason or ("nothing has been applied yet",),
        since=deploy.since if failed and deploy else None,
        action="Mend the cause, then plan again" if failed else "Plan, read the plan, apply it",
        doing=Doing.PLAN,
    )


def _plan_in_words(run: Run) -> str:
    plan = run.plan
    return f"{plan.add} to add, {plan.change} to change, {plan.destroy} to destroy" if plan else run.id


def _frontend(facts: Facts, creator: Creator, *, made: bool) -> Step:
    name, site, module = StepName.FRONTEND, facts.memory.site, creator.modules.s3_website
    if module is None or not module.enabled:
        return Step(name=name, state=StepState.NOT_NEEDED, found=("the module s3-website is off",))
    run = facts.run
    if run is not None and run.operation.kind is OperationKind.FRONTEND:
        return Step(
            name=name, state=StepState.RUNNING, found=(run.last_text or "the site is being brought up",)
        )
    outputs = facts.deploy.outputs if facts.deploy else {}
    if not made or not outputs.get("site_bucket"):
        return after(name, "the infrastructure is there")
    if site is None:
        return Step(name=name, state=StepState.UNKNOWN, found=("it is not known which release is open",),
                    action="Check again")  # fmt: skip
    if not site.release:
        return Step(
            name=name,
            state=StepState.TO_DO,
            found=("visitors see the placeholder page",),
            action="Build the site and bring it up",
            doing=Doing.DEPLOY_SITE,
        )
    found = [f"release {site.release}" + (f" by {site.deployed_by}" if site.deployed_by else "")]
    if site.out_of_date:
        found.append(
            "template or branding have changed since: fleet frontend deploy brings the site up to date"
        )
    return Step(name=name, state=StepState.DONE, found=tuple(found), since=site.deployed_at)


_VERDICTS = (
    (Outcome.FAILED, StepState.FAILED),
    (Outcome.UNKNOWN, StepState.UNKNOWN),
    (Outcome.WAITING, StepState.WAITING),
)


_CALLED = {
    StepName.INFRASTRUCTURE: "the infrastructure",
    StepName.FRONTEND: "the site",
    StepName.DNS: "the domain",
}


def _live(facts: Facts, before: list[Step]) -> Step:
    name, report = StepName.LIVE, facts.memory.live
    checks = report.checks if report else ()
    at = report.checked_at if report else None
    if before:
        names = " and ".join(_CALLED[step.name] for step in before)
        waits = after(name, f"{names} {'is' if len(before) == 1 else 'are'} done")
        return waits.model_copy(update={"checks": checks, "checked_at": at})
    if report is None:
        return Step(name=name, state=StepState.TO_DO, found=("the open site has not been checked yet",),
                    action="Check again")  # fmt: skip
    if not checks:
        return Step(name=name, state=StepState.NOT_NEEDED, found=("no module is on that visitors notice",),
                    checked_at=at)  # fmt: skip
    state = live_state(checks)
    well = "every check is well" if state is StepState.DONE else "no check could be made"
    bad = [check for check in checks if check.outcome not in (Outcome.OK, Outcome.SKIPPED)]
    return Step(
        name=name,
        state=state,
        waiting_for=", ".join(check.found for check in bad) if state is StepState.WAITING else "",
        found=tuple(f"{check.name}: {check.found}" for check in bad) or (well,),
        action=next((check.action for check in bad if check.action), ""),
        checks=checks,
        checked_at=at,
    )


def live_state(checks: Iterable[Check]) -> StepState:
    """What the go-live checks come to together: the worst of them; unknown is never well."""
    outcomes = {check.outcome for check in checks}
    found = next((state for outcome, state in _VERDICTS if outcome in outcomes), None)
    return found or (StepState.DONE if Outcome.OK in outcomes else StepState.UNKNOWN)


def _asked(step: Step, problems: Mapping[StepName, Problem]) -> Step:
    """The step with why the last check of it could not be made: what it shows is then from before."""
    problem = problems.get(step.name)
    if problem is None or step.state is StepState.NOT_NEEDED:
        return step
    unknown = step.state is StepState.UNKNOWN
    found = f"the last check could not be made: {problem.what}"
    return step.model_copy(
        update={
            "found": (found,) if unknown else (*step.found, found),
            "action": problem.hint or step.action or "Check again" if unknown else step.action,
        }
    )


def _since(step: Step, kept: Mapping[StepName, Remembered]) -> Step:
    """The step with the moment since which it is so, as far as anybody has seen."""
    if step.since is not None:
        return step
    before = kept.get(step.name)
    same = before is not None and (before.state, before.waiting_for) == (step.state, step.waiting_for)
    return step.model_copy(update={"since": before.since}) if before and same else step
