"""Members' addresses, from the creator's user pool."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from events.problems import address_not_verified
from shared.callers import Member, signed_out
from shared.problems import busy

if TYPE_CHECKING:
    from types_boto3_cognito_idp.client import CognitoIdentityProviderClient

CLIENT: CognitoIdentityProviderClient = boto3.client(
    "cognito-idp",
    config=Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "max_attempts": 3}),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """How a member is reached.

    Args:
        name: by which others see them, where they have one.
    """

    name: str | None
    email: str


def contact_of(member: Member) -> Contact:
    """How a member is reached.

    Raises:
        ProblemError: 401, the account is gone; 409, its address is not verified; 503, Cognito is throttling.
    """
    pool = os.environ["MEMBERS_ISSUER"].rpartition("/")[2]
    try:
        user = CLIENT.admin_get_user(UserPoolId=pool, Username=member.username)
    except CLIENT.exceptions.UserNotFoundException:
        raise signed_out() from None
    except CLIENT.exceptions.TooManyRequestsException:
        raise busy() from None
    values = {attribute["Name"]: attribute.get("Value") for attribute in user["UserAttributes"]}
    email = values.get("email")
    if not email or values.get("email_verified") != "true":
        raise address_not_verified()
    return Contact(name=values.get("preferred_username") or None, email=email)
