"""Asks SES in the creator's account how mail stands, and AWS for leave to send to everybody."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from fleet_tui.onboarding.mail_rules import ProductionRequest
from fleet_tui.onboarding.model import MailReport, MailStatus, Production
from fleet_tui.registry.model import Creator

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sesv2.type_defs import GetAccountResponseTypeDef

# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html, VerificationStatus
_STATUS = {"SUCCESS": MailStatus.VERIFIED, "FAILED": MailStatus.FAILED}
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ReviewDetails.html
_REVIEW = {"PENDING": Production.ASKED, "FAILED": Production.NOT_ASKED, "DENIED": Production.DECLINED}


class OnboardingDoor(Protocol):
    """What is needed of the door to AWS."""

    def entered(self, creator: Creator) -> AbstractContextManager[Any]:
        """The account, whose `client(service)` gives boto3 clients; errors leave it as FleetErrors."""

    def prove_account(self, creator: Creator) -> None:
        """Raises FleetError when the credentials lead to another account."""


def look(door: OnboardingDoor, creator: Creator, now: datetime) -> MailReport:
    """What SES says of the creator's domain and account.

    Raises:
        FleetError: as the door.
    """
    with door.entered(creator) as account:
        ses: SESV2Client = account.client("sesv2")
        whole = ses.get_account()
        try:
            identity: Any = ses.get_email_identity(EmailIdentity=creator.domain)
        except ses.exceptions.NotFoundException:
            identity = None
    quota = whole.get("SendQuota", {})
    dkim = identity.get("DkimAttributes", {}) if identity else {}
    return MailReport(
        identity=_identity(identity),
        dkim=dkim.get("Status", ""),
        tokens=tuple(dkim.get("Tokens", ())) if dkim.get("SigningAttributesOrigin") == "AWS_SES" else (),
        mail_from=identity.get("MailFromAttributes", {}).get("MailFromDomain", "") if identity else "",
        production=_production(whole),
        per_day=int(quota.get("Max24HourSend", 0)),
        per_second=int(quota.get("MaxSendRate", 0)),
        healthy=whole.get("EnforcementStatus", "HEALTHY") == "HEALTHY" and whole.get("SendingEnabled", True),
        region=creator.region,
        checked_at=now,
    )


def ask_for_production(door: OnboardingDoor, creator: Creator, request: ProductionRequest) -> None:
    """Ask AWS for production access; a person there answers, mostly within a day.

    Raises:
        FleetError: kind CONFLICT, it was asked for before; otherwise as the door.
    """
    door.prove_account(creator)
    with door.entered(creator) as account:
        ses: SESV2Client = account.client("sesv2")
        ses.put_account_details(
            MailType="MARKETING" if request.mail_type == "MARKETING" else "TRANSACTIONAL",
            WebsiteURL=request.website,
            ContactLanguage="EN",
            UseCaseDescription=request.use_case,
            AdditionalContactEmailAddresses=[request.contact],
            ProductionAccessEnabled=True,
        )


def _identity(identity: dict[str, Any] | None) -> MailStatus:
    if identity is None:
        return MailStatus.ABSENT
    if identity.get("VerifiedForSendingStatus"):
        return MailStatus.VERIFIED
    return _STATUS.get(identity.get("VerificationStatus", ""), MailStatus.PENDING)


def _production(account: GetAccountResponseTypeDef) -> Production:
    if account.get("ProductionAccessEnabled"):
        return Production.GRANTED
    review = account.get("Details", {}).get("ReviewDetails", {}).get("Status", "")
    return _REVIEW.get(review, Production.NOT_ASKED)
