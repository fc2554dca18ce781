"""The checks that the steps rest on: each asks one thing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from fleet_tui.deploy.model import DeployState
from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.onboarding.delegation import name_servers
from fleet_tui.onboarding.mail_rules import mail_records
from fleet_tui.onboarding.model import AccountReport, Certificate, DnsReport, LiveReport, MailReport
from fleet_tui.onboarding.steps import made_by_terraform
from fleet_tui.problems import FleetError
from fleet_tui.registry.model import Creator
from fleet_tui.settings import Settings
from fleet_tui.streams.model import StreamStatus

if TYPE_CHECKING:
    from fleet_tui.aws import AwsDoor


class Checks:
    """Asks AWS, name servers and the open site. Safe to use from many threads.

    `mail` and `certificate` raise FleetError where AWS does not answer.

    Args:
        settings: whom to ask about domains, and whether AWS is an emulated one.
        door: the way into accounts, made when it is first needed.
    """

    def __init__(self, settings: Settings, door: Callable[[], AwsDoor]) -> None:
        self._settings = settings
        self._door = door

    def account(self, creator: Creator, now: datetime) -> AccountReport:
        """Whether the account can be entered, and is the right one."""
        try:
            self._door().prove_account(creator)
        except FleetError as error:
            return AccountReport(problem=error.problem, checked_at=now)
        return AccountReport(checked_at=now)

    def mail(self, creator: Creator, now: datetime) -> MailReport | None:
        """How mail stands; None where no module sends any."""
        from fleet_tui.onboarding import mail

        return mail.look(self._door(), creator, now) if creator.modules.with_mail else None

    def certificate(self, creator: Creator, deploy: DeployState | None) -> Certificate | None:
        """How the site's certificate stands; None as long as there is none."""
        from fleet_tui.onboarding import certificates

        arn = deploy.outputs.get("certificate_arn") if deploy else None
        return certificates.look(self._door(), creator, arn) if isinstance(arn, str) else None

    def dns(
        self,
        creator: Creator,
        deploy: DeployState | None,
        mail: MailReport | None,
        certificate: Certificate | None,
        now: datetime,
    ) -> DnsReport | None:
        """How the domain is delegated, and whether the zone has what mail and the certificate need.

        None as long as there is neither. Name servers that do not answer are in the report.
        """
        from fleet_tui.onboarding.dns import NameServers

        expected = name_servers(deploy)
        records = (
            *(certificate.records if certificate else ()),
            *(mail_records(creator, mail) if mail else ()),
        )
        if not expected and not records:
            return None
        servers = NameServers(self._settings.dns.resolvers, port=self._settings.dns.port)
        report = servers.look(creator.domain, expected, records, now)
        return report.model_copy(update={"certificate": certificate.status if certificate else ""})

    def live(self, creator: Creator, row: CreatorSnapshot, now: datetime) -> LiveReport | None:
        """The go-live checks; None as long as there is nothing to check. What cannot be asked is in them."""
        from fleet_tui.onboarding.golive import GoLive
        from fleet_tui.onboarding.web import Web

        deploy, stream = row.deploy.value, row.stream.value
        if deploy is None or not made_by_terraform(deploy):
            return None
        door = self._door()
        checks = GoLive(door, Web(door.route, ca_bundle=door.ca_bundle), emulated=self._settings.emulated)
        streaming = stream is not None and stream.status in (StreamStatus.LIVE, StreamStatus.UNWELL)
        return checks.look(creator, deploy.outputs, now, live=streaming)
