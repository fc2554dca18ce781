"""How dangerous a plan is, with the reasons: pure rules over its changes.

What is lost is told by the actions; who may do what, what everybody may, and what protects is told by the
values, in `risk_access` and `risk_protection`. A value that is not known before the apply is never taken for
a good one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fleet_tui.operations.model import Action, Risk, RiskLevel
from fleet_tui.operations.planjson import PlannedChange
from fleet_tui.operations.risk_access import access_findings
from fleet_tui.operations.risk_findings import Finding
from fleet_tui.operations.risk_protection import protection_findings

# What of a creator is lost with a resource of these types.
_HOLDS_DATA = {
    "aws_s3_bucket": "its data is lost",
    "aws_dynamodb_table": "its data is lost",
    "aws_cognito_user_pool": "its members are lost",
    "aws_backup_vault": "its backups are lost",
    "aws_cloudwatch_log_group": "its logs are lost",
    "aws_kms_key": "what it encrypts can never be read again",
}
# What people outside know, and would have to be told anew.
_HOLDS_IDENTITY = {
    "aws_ivs_channel": "the encoder needs a new address and a new stream key",
    "aws_route53_zone": "the domain is dark until the registrar knows the new name servers",
    "aws_cloudfront_distribution": "its address changes for everybody outside",
    "aws_apigatewayv2_api": "its address changes for everybody outside",
    "aws_cognito_user_pool_domain": "the address of the sign-in changes for everybody outside",
    "aws_sesv2_email_identity": "no mail is sent until the identity is verified again",
}
_GONE = frozenset({Action.DELETE, Action.REPLACE})
_ORDER = (RiskLevel.DESTRUCTIVE, RiskLevel.HIGH, RiskLevel.LOW)


def findings(changes: Sequence[PlannedChange], account_id: str = "") -> tuple[Finding, ...]:
    """Everything that makes these changes dangerous, the gravest first, then by address.

    Args:
        changes: all changes of a plan.
        account_id: the creator's, so that trust in another account is seen; empty leaves that out.
    """
    found = {
        *_losses(changes),
        *access_findings(changes, account_id),
        *protection_findings(changes),
        *_taken_in(changes),
    }
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.level), one.address, one.rule, one.text)))


def risk_of(found: Iterable[Finding], changes: Sequence[PlannedChange]) -> Risk:
    """The level of the gravest finding, and every reason."""
    reasons = tuple(found)
    lowest = RiskLevel.LOW if changes else RiskLevel.NONE
    return Risk(
        level=reasons[0].level if reasons else lowest, reasons=tuple(finding.text for finding in reasons)
    )


def assess(changes: Sequence[PlannedChange], account_id: str = "") -> Risk:
    """How dangerous these changes are, with the reasons in the order of their weight."""
    return risk_of(findings(changes, account_id), changes)


def _losses(changes: Iterable[PlannedChange]) -> Iterator[Finding]:
    for change in changes:
        if change.action not in _GONE:
            continue
        verb = "replaces" if change.action is Action.REPLACE else "deletes"
        told = f"{verb} {change.address}{_why(change)}"
        if change.type in _HOLDS_DATA:
            lost = _HOLDS_DATA[change.type]
            yield Finding(RiskLevel.DESTRUCTIVE, "data", change.address, f"{told}: {lost}")
        elif change.type in _HOLDS_IDENTITY:
            lost = _HOLDS_IDENTITY[change.type]
            yield Finding(RiskLevel.DESTRUCTIVE, "identity", change.address, f"{told}: {lost}")
        else:
            yield Finding(RiskLevel.HIGH, "loss", change.address, told)


def _why(change: PlannedChange) -> str:
    if change.replaced_for:
        return f" for {', '.join(change.replaced_for)}"
    return " because it is half made" if change.because == "replace_because_tainted" else ""


def _taken_in(changes: Iterable[PlannedChange]) -> Iterator[Finding]:
    for change in changes:
        if change.imported:
            text = f"takes in {change.address}, which is in the account and not in the state"
            yield Finding(RiskLevel.LOW, "import", change.address, text)
