"""The step of mail: whether SES believes the domain, and whether it sends to everybody. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from fleet_tui.deploy.model import DeployState
from fleet_tui.deploy.modules import WAITING_OUTPUT
from fleet_tui.onboarding.model import (
    DnsReport,
    Doing,
    MailReport,
    MailStatus,
    Production,
    Record,
    Step,
    StepName,
    StepState,
)
from fleet_tui.registry.model import Creator
from fleet_tui.values import Value

# Before it is granted: https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html.
SANDBOX = "SES sends to verified addresses only, 200 messages a day and 1 a second"
_DKIM = "mail: proves the sender (DKIM)"


class ProductionRequest(Value):
    """What AWS is told when production access is asked for.

    Args:
        mail_type: `MARKETING` where a newsletter is sent, `TRANSACTIONAL` otherwise.
        website: where they can look at who sends.
        use_case: what is sent to whom, and what happens with bounces and complaints.
        contact: whom they answer.
    """

    mail_type: str
    website: str
    use_case: str
    contact: str


def production_request(creator: Creator) -> ProductionRequest:
    """What to write to AWS; they want to know who gets mail, how they agreed, and how bounces are handled.

    The questions are those of https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html.
    """
    on = creator.modules.enabled
    reasons = [text for module, text in _SENDS if module in on]
    letters = "newsletter" in on
    consent = (
        "Every subscriber has confirmed their address (double opt-in), and every letter has a one-click "
        "unsubscribe header and link. "
        if letters
        else "There is no bulk mail: each message follows from what its recipient has just done on the site. "
    )
    return ProductionRequest(
        mail_type="MARKETING" if letters else "TRANSACTIONAL",
        website=f"https://{creator.domain}",
        use_case=(
            f"{creator.name} streams live at https://{creator.domain}. The site sends: {', '.join(reasons)}. "
            f"{consent}Addresses that bounce or complain are kept on the account-level suppression list. "
            "All mail is sent from one verified domain with DKIM and DMARC."
        ),
        contact=creator.contact,
    )


_SENDS = (
    ("user-auth", "codes for signing up and for forgotten passwords"),
    ("contact-form", "the contact form's messages to the creator"),
    ("sponsor-system", "the state of sponsors' bookings"),
    ("shop", "confirmations of orders"),
    ("events", "confirmations of and reminders for events that one signed up for"),
    ("newsletter", "a newsletter"),
)


def mail_records(creator: Creator, report: MailReport) -> tuple[Record, ...]:
    """The DNS records that SES and receivers look for.

    DKIM: https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html. MAIL FROM:
    https://docs.aws.amazon.com/ses/latest/dg/mail-from.html. DMARC is as the module mail-identity writes it.
    """
    domain = creator.domain
    records = [
        Record(
            type="CNAME",
            name=f"{token}._domainkey.{domain}",
            value=f"{token}.dkim.amazonses.com",
            purpose=_DKIM,
        )
        for token in report.tokens
    ]
    if report.tokens:
        records.append(
            Record(
                type="TXT", name=f"_dmarc.{domain}", value="v=DMARC1; p=none", purpose="mail: policy (DMARC)"
            )
        )
    if report.mail_from:
        exchange = f"10 feedback-smtp.{report.region}.amazonses.com"
        records += [
            Record(type="MX", name=report.mail_from, value=exchange, purpose="mail: bounces (MAIL FROM)"),
            Record(
                type="TXT",
                name=report.mail_from,
                value="v=spf1 include:amazonses.com ~all",
                purpose="mail: sender policy (SPF)",
            ),
        ]
    return tuple(records)


def waits_for(outputs: Mapping[str, JsonValue], module: str) -> tuple[str, ...]:
    """What Terraform's output `waiting_for` says of a module, in its words."""
    entries = outputs.get(WAITING_OUTPUT)
    return tuple(
        str(entry.get("what"))
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and entry.get("module") == module
    )


def mail_step(
    creator: Creator,
    deploy: DeployState | None,
    report: MailReport | None,
    dns: DnsReport | None,
    *,
    made: bool,
) -> Step:
    """Where the step of mail is.

    Args:
        creator: whose.
        deploy: what was last seen of the state.
        report: what SES said at the last check.
        dns: what name servers said then.
        made: whether Terraform has made anything.
    """
    name = StepName.MAIL
    if not creator.modules.with_mail:
        return Step(name=name, state=StepState.NOT_NEEDED, found=("no module that is on sends mail",))
    if report is None:
        if made and deploy is not None and creator.mail.production and not waits_for(deploy.outputs, "mail"):
            return Step(name=name, state=StepState.DONE, found=("verified, with production access",))
        return Step(
            name=name, state=StepState.UNKNOWN, found=("SES has not been asked yet",), action="Check again"
        )
    found = [_IDENTITY[report.identity].format(domain=creator.domain)]
    limits = f"{report.per_day:,} messages a day, {report.per_second} a second"
    found.append(f"production access, {limits}" if report.production is Production.GRANTED else SANDBOX)
    state, waiting_for, action, doing = _judged(creator, report)
    if not report.healthy:
        state, waiting_for, doing = StepState.FAILED, "", None
        found.append("SES has put sending on probation or paused it")
        action = "Open the case that AWS wrote about in the account's Support Center"
    return Step(
        name=name,
        state=state,
        waiting_for=waiting_for,
        found=tuple(found),
        action=action,
        doing=doing,
        records=_with_what_was_found(mail_records(creator, report), dns),
        checked_at=report.checked_at,
    )


def _with_what_was_found(records: tuple[Record, ...], dns: DnsReport | None) -> tuple[Record, ...]:
    """The records as name servers have them; unknown where they were not asked for exactly these."""
    asked = {one.line: one.found for one in dns.records} if dns else {}
    return tuple(record.model_copy(update={"found": asked.get(record.line)}) for record in records)


_IDENTITY = {
    MailStatus.ABSENT: "{domain} is not known to SES yet: the infrastructure brings it",
    MailStatus.PENDING: "SES has not found the records of {domain} yet",
    MailStatus.VERIFIED: "SES has verified {domain}",
    MailStatus.FAILED: "SES looked for the records of {domain} for 72 hours and gave up",
}


def _judged(creator: Creator, report: MailReport) -> tuple[StepState, str, str, Doing | None]:
    """State, whom it waits for, what to do, and what can be done at once."""
    hosted = "s3-website" in creator.modules.enabled
    match report.production:
        case Production.NOT_ASKED:
            return (StepState.TO_DO, "", "Ask AWS for production access; what is written is shown first",
                    Doing.ASK_FOR_PRODUCTION)  # fmt: skip
        case Production.DECLINED:
            return (
                StepState.FAILED,
                "",
                "AWS has declined: answer the case in the account's Support Center",
                None,
            )
        case Production.ASKED:
            action = "Nothing but to wait for AWS, mostly a day; they may ask back by e-mail"
            return StepState.WAITING, "AWS to grant production access", action, None
    if report.identity is MailStatus.FAILED:
        return (
            StepState.FAILED,
            "",
            "Let the records below be found, then switch DKIM off and on in SES",
            None,
        )
    if not creator.mail.production:
        return (StepState.TO_DO, "", "AWS has granted it: enter production = true under [mail], then apply",
                Doing.SET_PRODUCTION)  # fmt: skip
    if report.identity is MailStatus.VERIFIED:
        return StepState.DONE, "", "", None
    if report.identity is MailStatus.ABSENT:
        return StepState.TO_DO, "", "Once the infrastructure is there", None
    if hosted:
        action = "Nothing: SES finds them once the domain is delegated"
        return StepState.WAITING, "SES to find its records", action, None
    return (StepState.WAITING, "the records below", f"Enter them where {creator.domain} is kept", None)
