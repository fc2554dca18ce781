"""Drift and states without AWS: what a few checks have found, and what was asked to be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fleet_tui.deploy.drift import (
    AcceptedDrift,
    AttributeDrift,
    Drift,
    DriftClass,
    DriftedResource,
    DriftFinding,
    DriftReport,
)
from fleet_tui.deploy.model import DeployStatus
from fleet_tui.deploy.statediff import ChangedResource, ChangedValue, StateDifference
from fleet_tui.deploy.versions import StateVersion
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.operations.model import OperationKind, Run
from fleet_tui.statecare.model import Checked, Proposal
from tests.tui.sample import NOW, ago, deployed, seen

if TYPE_CHECKING:
    from tests.tui.fake import FakeService

POLICY = "module.ivs_streaming[0].module.recordings[0].aws_s3_bucket_policy.this"
ROLE = 'module.sponsor_system[0].module.functions.aws_iam_role.this["list_bookings"]'
ALARM = "module.analytics[0].aws_cloudwatch_metric_alarm.undelivered"
CHANNEL = "module.ivs_streaming[0].aws_ivs_channel.this"
TABLE = "module.polls[0].module.table.aws_dynamodb_table.this"

FINDINGS = (
    DriftFinding(
        address=ALARM, type="aws_cloudwatch_metric_alarm", worst=DriftClass.GONE, mark="m1",
        place="terraform/modules/analytics/firehose.tf",
    ),
    DriftFinding(
        address=POLICY, type="aws_s3_bucket_policy", worst=DriftClass.ACCESS, mark="m2",
        place="terraform/modules/private-bucket/main.tf",
        attributes=(
            AttributeDrift(
                path="policy.Statement",
                after='[{"Action": "s3:GetObject", "Effect": "Allow", "Principal": "*", '
                '"Resource": "arn:aws:s3:::lena-lux-recordings-210000000006/*", "Sid": "Oops"}]',
                weight=DriftClass.ACCESS,
            ),
        ),
    ),
    DriftFinding(
        address=ROLE, type="aws_iam_role", worst=DriftClass.ACCESS, mark="m3",
        place="terraform/modules/lambda-functions/roles.tf",
        attributes=(
            AttributeDrift(
                path="managed_policy_arns", after='["arn:aws:iam::aws:policy/AdministratorAccess"]',
                weight=DriftClass.ACCESS, repaired=False,
            ),
        ),
    ),
    DriftFinding(
        address=CHANNEL, type="aws_ivs_channel", worst=DriftClass.BEHAVIOUR, mark="m4",
        place="terraform/modules/ivs-streaming/main.tf",
        attributes=(
            AttributeDrift(
                path="latency_mode", before="LOW", after="NORMAL", weight=DriftClass.BEHAVIOUR,
                setting="modules.ivs-streaming.latency_mode",
            ),
            AttributeDrift(path="passphrase", hidden=True, weight=DriftClass.BEHAVIOUR),
        ),
    ),
    DriftFinding(
        address=TABLE, type="aws_dynamodb_table", worst=DriftClass.COSMETIC, mark="m5",
        place="terraform/modules/table/main.tf",
        attributes=(
            AttributeDrift(path="tags.topic", before="games", after="music", weight=DriftClass.COSMETIC),
        ),
    ),
)  # fmt: skip


def resource(finding: DriftFinding, *, hours: int, accepted: AcceptedDrift | None = None) -> DriftedResource:
    return DriftedResource(
        address=finding.address,
        type=finding.type,
        worst=finding.worst,
        attributes=tuple(attribute.path for attribute in finding.attributes),
        first_seen=ago(hours=hours),
        mark=finding.mark,
        repaired=finding.repaired,
        accepted=accepted,
    )


LET_BE = AcceptedDrift(
    mark="m5", operator="ben@ops", reason="the agency's own tag", accepted_at=ago(days=2),
    until=NOW + timedelta(days=30),
)  # fmt: skip
LENAS = tuple(resource(one, hours=6 + place) for place, one in enumerate(FINDINGS[1:3]))
MINAS = (
    resource(FINDINGS[0], hours=30),
    resource(FINDINGS[3], hours=2),
    resource(FINDINGS[4], hours=80, accepted=LET_BE),
)

VERSIONS = (
    StateVersion(
        id="v3", written_at=ago(hours=2), size=401_200, newest=True, serial=61, lineage="l", resources=214,
        run_id="r3", kind="apply", operator="ana@ops",
    ),
    StateVersion(
        id="v2", written_at=ago(days=1), size=398_700, serial=58, lineage="l", resources=212,
        run_id="r2", kind="apply", operator="ben@build",
    ),
    StateVersion(id="v1", written_at=ago(days=9), size=312_000, serial=41, lineage="l", resources=180),
)  # fmt: skip
DIFFERENCE = StateDifference(
    added=("module.shop[0].module.orders.aws_dynamodb_table.this",),
    removed=("module.polls[0].aws_cloudwatch_log_group.this",),
    changed=(
        ChangedResource(
            address=CHANNEL,
            values=(
                ChangedValue(path="latency_mode", before="NORMAL", after="LOW"),
                ChangedValue(path="passphrase", hidden=True),
            ),
        ),
    ),
    outputs=("configuration_digest",),
)


def drifted(row: CreatorSnapshot, resources: Sequence[DriftedResource]) -> CreatorSnapshot:
    """The row of a creator in whom a check has found this."""
    drift = Drift(
        checked_at=ago(minutes=4),
        addresses=tuple(one.address for one in resources),
        resources=tuple(resources),
    )
    status = DeployStatus.DRIFTED if drift.open(NOW) else DeployStatus.UP_TO_DATE
    return replace(row, deploy=seen(deployed(status, drift=drift, since=drift.since)))


class FakeCare:
    """A CareService of which both parts are the same object."""

    def __init__(self, service: FakeService) -> None:
        self._service = service
        self.nothing_carries = False

    @property
    def drift(self) -> FakeCare:
        return self

    @property
    def states(self) -> FakeCare:
        return self

    def fill(self) -> None:
        """Two creators have drifted."""
        rows = self._service.snapshot().rows
        self._service.change(drifted(rows["lena-lux"], LENAS), drifted(rows["mina-moor"], MINAS))

    def report(self, slug: str) -> DriftReport | None:
        if slug not in ("lena-lux", "mina-moor"):
            return None
        return DriftReport(slug=slug, checked_at=ago(minutes=4), findings=FINDINGS)

    def check_all(self, slugs: Sequence[str]) -> Iterator[Checked]:
        self._service.done.append(("check_drift", tuple(slugs)))
        for slug in slugs:
            yield Checked(slug, None, self.report(slug))

    def proposal(self, slug: str, address: str) -> Proposal:
        finding = next(one for one in FINDINGS if one.address == address)
        if self.nothing_carries:
            return Proposal(finding=finding, left=finding.attributes)
        diff = ("--- creator.toml", "+++ creator.toml", "@@ -21,3 +21,3 @@", " [modules.ivs-streaming]",
                '-latency_mode = "LOW"', '+latency_mode = "NORMAL"', " recording = true")  # fmt: skip
        return Proposal(
            finding=finding, diff=diff, carried=("modules.ivs-streaming.latency_mode",),
            left=finding.attributes[1:],
        )  # fmt: skip

    def accept(self, slug: str, proposal: Proposal) -> None:
        self._service.done.append(("accept_drift", slug, proposal.finding.address))

    def let_be(self, slug: str, address: str, *, until: datetime, reason: str) -> None:
        self._service.done.append(("let_be", slug, address, (until - NOW).days, reason))

    def take_back(self, slug: str, address: str) -> None:
        self._service.done.append(("take_back", slug, address))

    def versions(self, slug: str) -> Sequence[StateVersion]:
        return VERSIONS

    def compare(self, slug: str, earlier: str, later: str) -> StateDifference:
        self._service.done.append(("compare_states", slug, earlier, later))
        return DIFFERENCE

    def restore(self, slug: str, version: str, *, reason: str) -> Run:
        self._service.done.append(("restore_state", slug, version))
        return self._service.begin(OperationKind.RESTORE, slug, target=version)
