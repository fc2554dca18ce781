"""Onboarding without AWS: the real rules over made-up facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from fleet_tui.costs.model import Confidence, CostLine
from fleet_tui.deploy.model import DeployState, DeployStatus
from fleet_tui.onboarding.mail_rules import ProductionRequest, mail_records, production_request
from fleet_tui.onboarding.model import (
    FOR_CERTIFICATE,
    AccountReport,
    Answer,
    Check,
    DnsReport,
    Identity,
    Journey,
    LiveReport,
    MailReport,
    MailStatus,
    Memory,
    Outcome,
    Production,
    Record,
    Remembered,
    ServerAnswer,
    SiteFact,
    StepName,
    StepState,
)
from fleet_tui.onboarding.steps import Facts, judge_steps
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.problems import FleetError, Problem, ProblemKind
from fleet_tui.registry.drafting import Draft, complaints_of, nearest_creator, suggestion
from fleet_tui.registry.model import Creator, Registry
from fleet_tui.registry.modules import Modules
from tests.tui.sample import ago, creator, deployed

if TYPE_CHECKING:
    from tests.tui.fake import FakeService

SERVERS = ("ns-1.awsdns-01.org", "ns-2.awsdns-02.net", "ns-3.awsdns-03.com", "ns-4.awsdns-04.co.uk")
MODULES = Modules.model_validate(
    {"s3-website": {}, "ivs-streaming": {}, "ivs-chat": {}, "contact-form": {}, "user-auth": {}}
)
WAY = ["s3-website", "mail"]


def on_the_way(slug: str = "suse-sol", name: str = "Suse Sol") -> Creator:
    """A creator whose site is up, and whose domain is not delegated yet."""
    return creator(slug, name, 10, modules=MODULES)


def state(**more: object) -> DeployState:
    """What Terraform has made of them."""
    waiting = [{"module": module, "what": "something"} for module in WAY]
    outputs = {"name_servers": list(SERVERS), "site_bucket": "suse-sol-site", "waiting_for": waiting}
    return deployed(**{"outputs": outputs, **more})


def mail(who: Creator, **more: object) -> MailReport:
    """What SES says: not verified, production access not asked for."""
    return MailReport.model_validate(
        {
            "identity": MailStatus.PENDING,
            "dkim": "PENDING",
            "tokens": ("5xnbh2", "q7ux4d", "zk3m1p"),
            "production": Production.NOT_ASKED,
            "per_day": 200,
            "per_second": 1,
            "region": who.region,
            "checked_at": ago(minutes=2),
            **more,
        }
    )


def delegation(who: Creator, **more: object) -> DnsReport:
    """What name servers say: two of four are entered at the registrar."""
    given = (*SERVERS[:2], "ns1.parked.example")
    records = (
        Record(
            type="CNAME",
            name=f"_3f2a.{who.domain}",
            value="_9c1b.acm-validations.aws",
            purpose=FOR_CERTIFICATE,
            found=True,
        ),
        *(record.model_copy(update={"found": True}) for record in mail_records(who, mail(who))),
    )
    return DnsReport.model_validate(
        {
            "domain": who.domain,
            "expected": SERVERS,
            "parent": "live",
            "parents": [ServerAnswer(server="v0n0.nic.live", answer=Answer.FOUND, names=given)],
            "resolvers": [
                ServerAnswer(server=one, answer=Answer.FOUND, names=given) for one in ("1.1.1.1", "8.8.8.8")
            ],
            "servers": [ServerAnswer(server=one, answer=Answer.FOUND) for one in SERVERS],
            "records": records,
            "certificate": "PENDING_VALIDATION",
            "checked_at": ago(minutes=2),
            **more,
        }
    )


CHECKS = (
    Check(name="certificate", outcome=Outcome.OK, found="suse.live, www.suse.live until 2027-12-01"),
    Check(name="page", outcome=Outcome.OK, found="https://suse.live/ answers 200, with security headers"),
    Check(
        name="API",
        outcome=Outcome.FAILED,
        found="GET /live: 500",
        expected="GET /live answers 200 with JSON",
        action="Look at the function's log in CloudWatch, and plan",
    ),
    Check(name="player", outcome=Outcome.OK, found="offline, and IVS says so"),
    Check(name="chat", outcome=Outcome.UNKNOWN, found="api.suse.live did not answer in time",
          expected="a token for who may have one, 401 for everybody else", action="Check again"),
)  # fmt: skip


def facts(who: Creator) -> Facts:
    """A creator in the middle of the way."""
    since = {
        StepName.DNS: Remembered(
            state=StepState.WAITING,
            waiting_for="the rest of the name servers at the registrar",
            since=ago(days=2, hours=3),
        ),
        StepName.MAIL: Remembered(state=StepState.TO_DO, since=ago(days=3)),
    }
    return Facts(
        slug=who.slug,
        creator=who,
        deploy=state(),
        looked_at=ago(minutes=1),
        memory=Memory(
            steps=since,
            account=AccountReport(checked_at=ago(minutes=2)),
            bucket_ready=True,
            mail=mail(who),
            dns=delegation(who),
            site=SiteFact(release="20261120T101500-4f1c", deployed_at=ago(days=2), deployed_by="ana@ops"),
        ),
    )


def open_site(who: Creator) -> Facts:
    """Everything is there, and one check is not well."""
    ready = Modules.model_validate({**MODULES.model_dump(), "s3-website": {"domain_ready": True}})
    there = who.model_copy(
        update={"modules": ready, "mail": who.mail.model_copy(update={"production": True})}
    )
    before = facts(there)
    memory = before.memory.model_copy(
        update={
            "mail": mail(there, identity=MailStatus.VERIFIED, production=Production.GRANTED, per_day=50_000),
            "dns": None,
            "live": LiveReport(checks=CHECKS, checked_at=ago(minutes=5)),
        }
    )
    outputs = {"name_servers": list(SERVERS), "site_bucket": "suse-sol-site", "waiting_for": []}
    return replace(before, creator=there, deploy=state(outputs=outputs), memory=memory)


def unborn(who: Creator) -> Facts:
    """A creator of whom there is a file and an account."""
    return Facts(
        slug=who.slug,
        creator=who,
        deploy=DeployState(status=DeployStatus.NEVER_DEPLOYED),
        looked_at=ago(minutes=1),
        memory=Memory(bucket_ready=False),
    )


def price(service: str, fixed: str, usage: str) -> CostLine:
    return CostLine(
        service=service,
        fixed=Decimal(fixed),
        usage=Decimal(usage),
        basis="planned",
        confidence=Confidence.ASSUMED,
    )


PRICES = (
    ("s3-website", price("CloudFront", "0", "10.50")),
    ("s3-website", price("Route 53", "0.50", "0")),
    ("ivs-streaming", price("IVS input", "0", "85.71")),
    ("ivs-streaming", price("IVS output", "0", "96.43")),
    ("ivs-chat", price("IVS Chat", "0", "5")),
    ("backup", price("AWS Backup", "3.50", "0")),
)


class FakeOnboarding:
    """An OnboardingService over the rows of a FakeService.

    Args:
        service: what it belongs to; what is done is noted there.
    """

    def __init__(self, service: FakeService) -> None:
        self._service = service
        self.facts: dict[str, Facts] = {}
        self.refusal: Problem | None = None

    def complaints(self, draft: Draft) -> Mapping[str, str]:
        return complaints_of(draft, self._registry)

    def suggestion(self, draft: Draft) -> Draft:
        return suggestion(draft, self._registry)

    def estimate(self, draft: Draft) -> tuple[CostLine, ...] | None:
        who = nearest_creator(draft)
        return tuple(line for name, line in PRICES if name in who.modules.enabled) if who else None

    def prove(self, draft: Draft) -> Identity:
        self._refuse()
        return Identity(
            account_id=draft.account_id, arn=f"arn:aws:sts::{draft.account_id}:assumed-role/FleetOperator/ana"
        )

    def add(self, draft: Draft) -> Creator:
        self._refuse()
        who = nearest_creator(draft)
        assert who is not None
        self._service.done.append(("add", draft.slug))
        self.facts[draft.slug] = unborn(who)
        return who

    def journey(self, slug: str) -> Journey:
        return judge_steps(self._facts(slug))

    def journeys(self) -> tuple[Journey, ...]:
        found = [self.journey(slug) for slug in sorted(self.facts)]
        return tuple(journey for journey in found if not journey.live)

    def check(self, slug: str) -> Journey:
        self._service.done.append(("check", slug))
        self._refuse()
        return self.journey(slug)

    def request(self, slug: str) -> ProductionRequest:
        who = self._facts(slug).creator
        assert who is not None
        return production_request(who)

    def carry_out(self, slug: str, name: StepName, *, reason: str = "") -> Run | None:
        self._refuse()
        step = self.journey(slug).step(name)
        self._service.done.append(("carry_out", slug, name.value, step.doing and step.doing.value))
        if step.doing is not None and step.doing.value in ("plan", "create_backend", "deploy_site"):
            return self._service.begin(OperationKind.PLAN, slug)
        return None

    @property
    def _registry(self) -> Registry:
        rows = self._service.snapshot().rows.values()
        return Registry(
            root=Path("creators"), creators=tuple(row.creator for row in rows if row.creator), invalid=()
        )

    def _facts(self, slug: str) -> Facts:
        if slug not in self.facts:
            row = self._service.snapshot().rows[slug]
            assert row.creator is not None
            self.facts[slug] = facts(row.creator)
        return self.facts[slug]

    def _refuse(self) -> None:
        if self.refusal is not None:
            raise FleetError(self.refusal)


WRONG_ACCOUNT = Problem(
    kind=ProblemKind.WRONG_ACCOUNT,
    what="the way in leads to account 210000000007, not 210000000042",
    where="suse-sol",
    hint="Correct the account id or the way in",
)
