"""The address of a signed-in admin, from the creator's user pool."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from shared.problems import ProblemError

if TYPE_CHECKING:
    from types_boto3_cognito_idp.client import CognitoIdentityProviderClient

CLIENT: CognitoIdentityProviderClient = boto3.client(
    "cognito-idp",
    config=Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "max_attempts": 3}),
)


def own_address(username: str) -> str:
    """The verified address of somebody in the pool.

    Args:
        username: the pool's name of them, from their token.

    Raises:
        ProblemError: 409, there is none.
    """
    pool = os.environ["MEMBERS_ISSUER"].rpartition("/")[2]
    user = CLIENT.admin_get_user(UserPoolId=pool, Username=username)
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in user["UserAttributes"]}
    if not attributes.get("email") or attributes.get("email_verified") != "true":
        raise ProblemError(
            409, "no-address", "No address", "Your account has no verified e-mail address to send a test to."
        )
    return attributes["email"]
