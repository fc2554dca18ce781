"""Plans of many creators without AWS: they are as a test says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from fleet_tui.costs.model import Confidence
from fleet_tui.operations.model import (
    Action,
    CostDelta,
    Operation,
    OperationKind,
    PlanSummary,
    ResourceChange,
    Risk,
    RiskLevel,
    Run,
    RunStatus,
)
from fleet_tui.planning.batches import Batch, BatchProgress, BatchRequest
from fleet_tui.problems import Problem, ProblemKind
from tests.tui.sample import NOW, OPERATOR

if TYPE_CHECKING:
    from tests.tui.fake import FakeService

TABLE = "module.sponsor_system[0].module.table.aws_dynamodb_table.this"
SITE = "module.s3_website[0].aws_cloudfront_distribution.this"

NEW_PLAYER = PlanSummary(
    change=2,
    changes=(
        ResourceChange(
            address=SITE,
            type="aws_cloudfront_distribution",
            action=Action.UPDATE,
            changed=("default_cache_behavior", "web_acl_id"),
        ),
        ResourceChange(
            address='module.shop[0].module.functions.aws_lambda_function.this["create_order"]',
            type="aws_lambda_function",
            action=Action.UPDATE,
            changed=("layers", "source_code_hash"),
        ),
    ),
    risk=Risk(level=RiskLevel.HIGH, reasons=(f"no longer stands behind its firewall: {SITE}",)),
    cost=CostDelta(fixed=Decimal("-9.00"), confidence=Confidence.LISTED, lines=("-$9.00 aws_wafv2_web_acl",)),
    fingerprint="3c83279b3ef486a2",
    digest="1",
)
NEW_ZONE = PlanSummary(
    add=1,
    changes=(
        ResourceChange(
            address="module.s3_website[0].aws_route53_zone.this",
            type="aws_route53_zone",
            action=Action.CREATE,
        ),
    ),
    risk=Risk(level=RiskLevel.LOW),
    cost=CostDelta(fixed=Decimal("0.50"), confidence=Confidence.LISTED, lines=("+$0.50 aws_route53_zone",)),
    fingerprint="a0b1c2d3e4f50617",
    digest="2",
)
NEW_KEY = PlanSummary(
    add=1,
    destroy=1,
    changes=(
        ResourceChange(
            address=TABLE,
            type="aws_dynamodb_table",
            action=Action.REPLACE,
            changed=("hash_key",),
            replaced_for=("hash_key",),
        ),
    ),
    risk=Risk(level=RiskLevel.DESTRUCTIVE, reasons=(f"replaces {TABLE} for hash_key: its data is lost",)),
    fingerprint="ffee00112233aabb",
    digest="3",
)
EXPIRED = Problem(
    kind=ProblemKind.CREDENTIALS, what="the credentials have expired", hint="Sign in again, then plan again"
)


class FakePlanning:
    """A PlanningService; what it is asked to do stands in the `done` of its fleet."""

    def __init__(self, service: FakeService) -> None:
        self._service = service
        self.found: list[Run] = []
        self.batch: Batch | None = None
        self.far: BatchProgress | None = None
        self.stale: dict[str, str] = {}

    def have(self, slug: str, summary: PlanSummary | None, *, problem: Problem | None = None) -> Run:
        """A plan that waits, or that failed."""
        operation = Operation(
            id=f"20261122T140000-plan-{slug}",
            kind=OperationKind.PLAN,
            slug=slug,
            account_id="210000000001",
            operator=OPERATOR,
            requested_at=NOW - timedelta(minutes=20),
        )
        run = Run(
            operation=operation,
            status=RunStatus.FAILED if problem else RunStatus.SUCCEEDED,
            plan=summary,
            problem=problem,
            finished_at=NOW - timedelta(minutes=4),
        )
        self.found.append(run)
        return run

    def some(self) -> None:
        """Plans as they are after a change of everybody."""
        for slug in ("kasper", "mina-moor", "otto-okto", "pia-prisma", "suse-sol"):
            self.have(slug, NEW_PLAYER)
        for slug in ("nico-nova", "jule-jazz"):
            self.have(slug, NEW_KEY)
        self.have("lena-lux", NEW_ZONE)
        for slug in ("theo-takt", "quentin"):
            self.have(slug, None, problem=EXPIRED)

    # PlanningService

    def start(self, slugs: Collection[str], *, reason: str = "") -> Batch:
        self._service.done.append(("plan_many", tuple(slugs)))
        request = BatchRequest(id="b1", operator=OPERATOR, slugs=tuple(slugs), requested_at=NOW)
        self.batch = Batch(request=request)
        self.far = BatchProgress(total=len(slugs), running=min(2, len(slugs)))
        return self.batch

    def stop(self, batch_id: str) -> None:
        self._service.done.append(("stop_batch", batch_id))

    def newest(self) -> Batch | None:
        return self.batch

    def progress(self, batch: Batch) -> BatchProgress:
        assert self.far is not None
        return self.far

    def plans(self) -> Sequence[Run]:
        return self.found

    def stale_of(self, plan_ids: Sequence[str]) -> Mapping[str, str]:
        return {plan_id: self.stale[plan_id] for plan_id in plan_ids if plan_id in self.stale}

    def roll_out(self, plans: Sequence[Run], *, reason: str = "") -> str:
        self._service.done.append(("roll_out", tuple(plan.operation.slug for plan in plans)))
        return "20261122T140355.123-rollout-9f3a"
