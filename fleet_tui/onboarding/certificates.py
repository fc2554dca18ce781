"""Asks ACM how the site's certificate stands."""

from __future__ import annotations

from fleet_tui.onboarding.mail import OnboardingDoor
from fleet_tui.onboarding.model import FOR_CERTIFICATE, Certificate, Record
from fleet_tui.registry.model import Creator

_REGION = "us-east-1"  # the only one that CloudFront takes certificates from


def look(door: OnboardingDoor, creator: Creator, arn: str) -> Certificate:
    """How a certificate stands.

    Args:
        door: the way into accounts.
        creator: whose certificate.
        arn: the certificate's.

    Raises:
        FleetError: as the door.
    """
    with door.entered(creator) as account:
        found = account.client("acm", region=_REGION).describe_certificate(CertificateArn=arn)["Certificate"]
    records = {
        option["ResourceRecord"]["Name"]: option["ResourceRecord"]
        for option in found.get("DomainValidationOptions", ())
        if "ResourceRecord" in option
    }
    return Certificate(
        status=found["Status"],
        records=tuple(
            Record(
                type=one["Type"],
                name=name.rstrip("."),
                value=one["Value"].rstrip("."),
                purpose=FOR_CERTIFICATE,
            )
            for name, one in sorted(records.items())
        ),
    )
