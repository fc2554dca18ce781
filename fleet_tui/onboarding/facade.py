"""Bringing creators live, as one object: looks, checks and acts on what the steps ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from fleet_tui.costs.model import CostLine
from fleet_tui.deploy.model import DeployState
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.onboarding.checking import Checks
from fleet_tui.onboarding.hands import Hands
from fleet_tui.onboarding.mail_rules import ProductionRequest, production_request
from fleet_tui.onboarding.memory import MemoryStore
from fleet_tui.onboarding.model import (
    Doing,
    Identity,
    Journey,
    LiveReport,
    Memory,
    SiteFact,
    Step,
    StepName,
    StepState,
)
from fleet_tui.onboarding.steps import Facts, judge_steps, made_by_terraform, remembered
from fleet_tui.operations.model import OperationKind, Run, RunStatus
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry import load
from fleet_tui.registry.drafting import Draft, complaints_of, creator_of, nearest_creator, suggestion
from fleet_tui.registry.model import Access, Creator, Registry
from fleet_tui.registry.reading import FILE_NAME
from fleet_tui.registry.watching import RegistryFiles
from fleet_tui.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping


T = TypeVar("T")

_OF_PLANS = frozenset({OperationKind.PLAN, OperationKind.APPLY, OperationKind.DESTROY})
_AT_ONCE = 16  # state buckets that are read at the same time


class Onboarding:
    """The eight steps of every creator. Safe to use from many threads.

    Args:
        settings: where things are and how this operator works.
        hands: what the fleet does for it.
        now: the time.
    """

    def __init__(
        self, settings: Settings, hands: Hands, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._settings = settings
        self._hands = hands
        self._now = now
        self._files = RegistryFiles(settings.creators)
        self._reading = Lock()
        self._read: Registry | None = None
        self._checks = Checks(settings, hands.door)

    # Adding

    def complaints(self, draft: Draft) -> Mapping[str, str]:
        """What is wrong with a draft, by field."""
        return complaints_of(draft, self._fleet())

    def suggestion(self, draft: Draft) -> Draft:
        """The draft with a proposal for each empty field that follows from the others."""
        return suggestion(draft, self._fleet())

    def estimate(self, draft: Draft) -> tuple[CostLine, ...] | None:
        """What such a creator costs a month, by service; None as long as its modules are not right."""
        creator = nearest_creator(draft)
        return self._hands.estimate(creator) if creator else None

    def prove(self, draft: Draft) -> Identity:
        """Enter the draft's account and ask STS whose it is.

        Raises:
            FleetError: kind WRONG_ACCOUNT, it is another one; kind CONFIGURATION, the way in is not written
                right; otherwise it cannot be entered, with the reason.
        """
        where = draft.slug or "new creator"
        wrong = self.complaints(draft)
        for field in ("account_id", "region", "profile", "role_arn", "external_id"):
            if field in wrong:
                raise FleetError.of(ProblemKind.CONFIGURATION, f"{field} {wrong[field]}", where=where)
        access = Access(
            profile=draft.profile or None,
            role_arn=draft.role_arn or None,
            external_id=draft.external_id or None,
        )
        with self._hands.door().entered_as(access, draft.region, where) as account:
            answer = account.client("sts").get_caller_identity()
        if answer["Account"] != draft.account_id:
            raise FleetError.of(
                ProblemKind.WRONG_ACCOUNT,
                f"the way in leads to account {answer['Account']}, not {draft.account_id}",
                where=where,
                hint="Correct the account id or the way in",
            )
        return Identity(account_id=answer["Account"], arn=answer["Arn"])

    def text(self, draft: Draft) -> str:
        """The creator.toml that would be written."""
        from fleet_tui.registry.creating import file_text

        return file_text(draft)

    def add(self, draft: Draft) -> Creator:
        """Write the creator's file, journalled.

        Raises:
            FleetError: the console is read-only, the draft is not right, or the creator is there already.
        """
        from fleet_tui.registry.creating import create

        creator = creator_of(draft)
        if creator is None:
            what = "; ".join(f"{field} {message}" for field, message in self.complaints(draft).items())
            raise FleetError.of(ProblemKind.CONFIGURATION, what, where=draft.slug or FILE_NAME)

        def write() -> None:
            create(self._settings.creators, draft)
            self._hands.follow()

        told = f"{creator.slug}/{FILE_NAME} written"
        self._hands.at_once(creator, StepName.CREATOR.value, write, told)
        return creator

    # Looking

    def journey(self, slug: str) -> Journey:
        """The steps as they are known, asking nobody.

        Raises:
            FleetError: there is no such creator.
        """
        row = self._row(slug)
        memory = self._store.copy(row.creator) if row.creator else Memory()
        return judge_steps(_facts(row, memory, self._hands.runs()))

    def journeys(self) -> tuple[Journey, ...]:
        """Every creator who is not live yet, whom a person can help first. Blocking.

        What is remembered is read from the state buckets of those who could be entered.
        """
        rows = list(self._hands.snapshot().rows.values())
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            memories = list(threads.map(self._remembered, rows))
        runs = self._hands.runs()
        judged = (
            judge_steps(_facts(row, memory, runs))
            for row, memory in zip(rows, memories, strict=True)
            if not _is_live(memory)
        )
        return tuple(journey for journey, _ in todo(judged))

    def request(self, slug: str) -> ProductionRequest:
        """What AWS is told when production access to SES is asked for. Raises FleetError."""
        return production_request(self._creator(slug))

    def check(self, slug: str) -> Journey:
        """Look at everything that the steps rest on, and keep what was found. Blocking.

        A check that cannot be made leaves what was known before it, with its time.

        Raises:
            FleetError: there is no such creator, or the file cannot be used.
        """
        creator = self._looked_at(slug)
        row, now = self._row(slug), self._now()
        found: dict[str, object] = {"account": (account := self._checks.account(creator, now))}
        problems: dict[StepName, Problem] = {}

        def ask(name: StepName, question: Callable[[], T | None]) -> T | None:
            try:
                return question()
            except FleetError as error:
                problems[name] = error.problem
                return None

        if account.problem is None:
            deploy, checks = row.deploy.value, self._checks
            mail = ask(StepName.MAIL, lambda: checks.mail(creator, now))
            certificate = ask(StepName.DNS, lambda: checks.certificate(creator, deploy))
            answers = {
                "bucket_ready": ask(StepName.BACKEND, lambda: self._hands.bucket_ready(creator)),
                "mail": mail,
                "dns": checks.dns(creator, deploy, mail, certificate, now),
                "site": ask(StepName.FRONTEND, lambda: self._site(creator, deploy)),
                "live": checks.live(creator, row, now),
            }
            found |= {field: answer for field, answer in answers.items() if answer is not None}
        return self._keep(
            row, creator, lambda memory: memory.model_copy(update={**found, "problems": problems})
        )

    def check_live(self, slug: str) -> LiveReport:
        """The go-live checks alone, kept like every other. Blocking.

        Raises:
            FleetError: there is no such creator, nothing has been applied yet, or no module can be checked.
        """
        creator = self._looked_at(slug)
        row = self._row(slug)
        report = self._checks.live(creator, row, self._now())
        if report is None:
            problem = row.deploy.problem
            if problem is not None:
                raise FleetError(problem)
            raise FleetError.of(
                ProblemKind.CONFLICT,
                "nothing has been applied yet, so there is nothing to check",
                where=slug,
                hint=f"fleet onboard {slug} shows what comes first",
            )
        if not report.checks:
            raise FleetError.of(
                ProblemKind.CONFLICT,
                "no module is on that visitors could notice, so there is nothing to check",
                where=slug,
                hint="Switch on [modules.s3-website], plan and apply",
            )
        self._keep(row, creator, lambda memory: memory.model_copy(update={"live": report}))
        return report

    # Doing

    def carry_out(self, slug: str, name: StepName, *, reason: str = "") -> Run | None:
        """Do what a step asks for right now.

        Returns:
            The run that was started; None where it is done already.

        Raises:
            FleetError: kind CONFLICT, there is nothing to do for that step right now; otherwise as what is
                done.
        """
        creator, step = self._creator(slug), self.journey(slug).step(name)
        because = reason or f"onboarding: {name.value}"
        match step.doing:
            case Doing.CREATE_BACKEND:
                return self._hands.plan(slug, because, True)
            case Doing.PLAN:
                return self._hands.plan(slug, because, False)
            case Doing.APPLY:
                return self._hands.apply(step.target, because)
            case Doing.DEPLOY_SITE:
                return self._hands.deploy_site(slug, because)
            case Doing.ASK_FOR_PRODUCTION:
                self._ask_for_production(creator)
                return None
            case Doing.SET_PRODUCTION:
                self._set(creator, "mail.production")
                return None
            case Doing.SET_DOMAIN_READY:
                self._set(creator, "modules.s3-website.domain_ready")
                return None
            case None:
                raise FleetError.of(
                    ProblemKind.CONFLICT,
                    f"there is nothing to carry out for {name.value} right now",
                    where=slug,
                    hint=step.action or "Check again",
                )

    def _ask_for_production(self, creator: Creator) -> None:
        from fleet_tui.onboarding.mail import ask_for_production

        request = production_request(creator)
        self._hands.at_once(
            creator,
            StepName.MAIL.value,
            lambda: ask_for_production(self._hands.door(), creator, request),
            "asked AWS for production access to SES",
        )
        report = self._checks.mail(creator, self._now())
        self._keep(
            self._row(creator.slug), creator, lambda memory: memory.model_copy(update={"mail": report})
        )

    def _set(self, creator: Creator, key: str) -> None:
        """Set a switch in the creator's file; the next plan brings it into the account."""
        from fleet_tui.registry.editing import edit

        def change() -> None:
            file = edit(self._settings.creators / creator.slug / FILE_NAME)
            file.set(key, True)
            file.save()
            self._hands.follow()  # before anybody looks at the state again, and compares it with this file

        self._hands.at_once(creator, key, change, f"{key} = true in {creator.slug}/{FILE_NAME}")

    # What is known

    def _site(self, creator: Creator, deploy: DeployState | None) -> SiteFact | None:
        return self._hands.site(creator) if made_by_terraform(deploy) else None

    def _fleet(self) -> Registry:
        """The fleet's files, read again where one has changed: it is asked at every key that is typed."""
        with self._reading:
            self._read = self._files.read() or self._read
            return self._read or load(self._settings.creators)

    @property
    def _store(self) -> MemoryStore:
        return MemoryStore(self._hands.door(), self._settings.state / "onboarding")

    def _remembered(self, row: CreatorSnapshot) -> Memory:
        """What the bucket says, where the account could be entered last time; else this machine's copy."""
        if row.creator is None:
            return Memory()
        reachable = row.deploy.value is not None and row.deploy.problem is None
        return self._store.read(row.creator) if reachable else self._store.copy(row.creator)

    def _keep(self, row: CreatorSnapshot, creator: Creator, change: Callable[[Memory], Memory]) -> Journey:
        """Change what is remembered, and judge the steps by it."""
        now, runs = self._now(), self._hands.runs()

        def judged(memory: Memory) -> Memory:
            changed = change(memory)
            steps = judge_steps(_facts(row, changed, runs)).steps
            return changed.model_copy(update={"steps": dict(remembered(steps, now))})

        store = self._store
        memory = (store.change_here if self._settings.read_only else store.change)(creator, judged)
        return judge_steps(_facts(row, memory, self._hands.runs()))

    def _looked_at(self, slug: str) -> Creator:
        """The creator as the file says now, with the deploy state looked at for that."""
        self._hands.follow()
        creator = self._creator(slug)
        self._hands.look(slug)
        return creator

    def _row(self, slug: str) -> CreatorSnapshot:
        row = self._hands.snapshot().rows.get(slug)
        if row is None:
            raise FleetError.of(
                ProblemKind.NOT_FOUND, f'there is no creator "{slug}"', hint="fleet add makes one"
            )
        return row

    def _creator(self, slug: str) -> Creator:
        row = self._row(slug)
        if row.creator is None:
            raise FleetError.of(
                ProblemKind.CONFIGURATION,
                "; ".join(error.sentence for error in row.errors),
                where=slug,
                hint="Correct the file",
            )
        return row.creator


def _facts(row: CreatorSnapshot, memory: Memory, runs: Iterable[Run]) -> Facts:
    """What is known about a creator, from the fleet's picture, what is remembered, and all runs."""
    return Facts(
        slug=row.slug,
        creator=row.creator,
        errors=tuple(error.sentence for error in row.errors),
        deploy=row.deploy.value,
        deploy_problem=row.deploy.problem,
        looked_at=row.deploy.tried_at or row.deploy.seen_at,
        run=row.run if row.run and not row.run.finished else None,
        plan=_saved_plan(runs, row.slug),
        memory=memory,
    )


def _is_live(memory: Memory) -> bool:
    """Whether the site was open when it was last looked at."""
    kept = memory.steps.get(StepName.LIVE)
    return kept is not None and kept.state is StepState.DONE


def _saved_plan(runs: Iterable[Run], slug: str) -> Run | None:
    """The newest plan, where it has something to apply and nothing has been applied since."""
    for run in runs:
        if run.operation.slug == slug and run.operation.kind in _OF_PLANS:
            useful = run.plan is not None and not run.plan.empty and not run.operation.destroys
            planned = run.operation.kind is OperationKind.PLAN and run.status is RunStatus.SUCCEEDED
            return run if planned and useful else None
    return None


def todo(journeys: Iterable[Journey]) -> tuple[tuple[Journey, Step], ...]:
    """Each creator with the step to look at, those whom a person can help first."""
    order = (StepState.FAILED, StepState.TO_DO, StepState.UNKNOWN, StepState.RUNNING, StepState.WAITING)
    pairs = [(journey, step) for journey in journeys if (step := journey.next) is not None]
    return tuple(sorted(pairs, key=lambda pair: (order.index(pair[1].state), pair[0].slug)))
