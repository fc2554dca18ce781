"""Access tokens of a user pool in the embedded AWS, and tokens that no API may take."""

from __future__ import annotations

import secrets
import time
from typing import Any
from uuid import uuid4

import boto3
import jwt
from botocore import UNSIGNED
from botocore.config import Config
from cryptography.hazmat.primitives.asymmetric import rsa

from fleet_tui.sandbox.emulator.client import BackDoorClient
from tests.sandbox.srp import SrpClient

STRANGER = "100000000009"
"""Account of another creator, whose members are nobody here."""


def tokens(
    emulator_url: str,
    region: str,
    account_id: str,
    user_pool_id: str,
    client_id: str,
    *,
    groups: tuple[str, ...] = (),
    email: str | None = None,
) -> str:
    """Make a confirmed person in a user pool, and sign them in as the site does it (SRP).

    Args:
        emulator_url: where the embedded AWS answers.
        region: of the pool.
        account_id: the creator's.
        user_pool_id: the pool, which has these groups.
        client_id: an app client that allows ALLOW_USER_SRP_AUTH.
        groups: that the person is in.
        email: their address; one of its own for everybody unless said otherwise.

    Returns:
        The access token.
    """
    admin = _client(emulator_url, region, account_id)
    email, password = email or f"{uuid4()}@example.com", secrets.token_urlsafe(24) + "aA1!"
    username = admin.admin_create_user(
        UserPoolId=user_pool_id,
        Username=email,
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        MessageAction="SUPPRESS",
    )["User"]["Username"]
    admin.admin_set_user_password(
        UserPoolId=user_pool_id, Username=username, Password=password, Permanent=True
    )
    for group in groups:
        admin.admin_add_user_to_group(UserPoolId=user_pool_id, Username=username, GroupName=group)
    return str(sign_in(emulator_url, region, user_pool_id, client_id, email, password)["AccessToken"])


def sign_in(
    emulator_url: str, region: str, user_pool_id: str, client_id: str, email: str, password: str
) -> dict[str, Any]:
    """Sign a person in as the site does it, by SRP and without credentials of AWS.

    Returns:
        Cognito's AuthenticationResult: AccessToken, IdToken, RefreshToken, ExpiresIn.
    """
    browser = browser_of(emulator_url, region)
    result: dict[str, Any] = first_answer(browser, user_pool_id, client_id, email, password)[
        "AuthenticationResult"
    ]
    return result


def first_answer(
    browser: Any, user_pool_id: str, client_id: str, email: str, password: str
) -> dict[str, Any]:
    """What Cognito answers to the right password: the AuthenticationResult, or what it wants besides."""
    srp = SrpClient(user_pool_id, password)
    challenge = browser.initiate_auth(
        ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": email, "SRP_A": srp.A}
    )
    answer: dict[str, Any] = browser.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName=challenge["ChallengeName"],
        ChallengeResponses=srp.answer(challenge["ChallengeParameters"]),
    )
    return answer


def browser_of(emulator_url: str, region: str) -> Any:
    """A client of the user pools' public API, which nothing is signed for."""
    unsigned = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    return boto3.client("cognito-idp", region_name=region, endpoint_url=emulator_url, config=unsigned)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def resigned(emulator_url: str, account_id: str, token: str, **changes: Any) -> str:
    """The token with other claims, signed by the pool's own key: what only Cognito could make.

    Args:
        emulator_url: where the embedded AWS answers.
        account_id: the creator's.
        token: a real one of the pool.
        changes: claims by name; None takes one away.
    """
    claims = {**claims_of(token), **changes}
    _, _, place = claims_of(token)["iss"].rpartition("/")
    return str(
        BackDoorClient(emulator_url).call(
            "tokens/sign",
            {
                "account": account_id,
                "region": place.partition("_")[0],
                "user_pool_id": place,
                "claims": {name: value for name, value in claims.items() if value is not None},
            },
        )["token"]
    )


def expired(emulator_url: str, account_id: str, token: str) -> str:
    """The token of a person who signed in two hours ago and is out since one."""
    now = int(time.time())
    past = {"auth_time": now - 7200, "iat": now - 7200, "exp": now - 3600}
    return resigned(emulator_url, account_id, token, **past)


def forged(token: str, **changes: Any) -> str:
    """The token with other claims, signed by somebody else's key under the pool's key id."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode({**claims_of(token), **changes}, key, "RS256", jwt.get_unverified_header(token))


def unsigned(token: str, **changes: Any) -> str:
    """The token with other claims and without a signature (`alg` none)."""
    return jwt.encode(
        {**claims_of(token), **changes}, None, "none", jwt.get_unverified_header(token) | {"alg": "none"}
    )


def foreign(emulator_url: str, region: str, *, groups: tuple[str, ...] = ()) -> str:
    """The real, valid access token of another creator's member, in a pool of the account `STRANGER`."""
    admin = _client(emulator_url, region, STRANGER)
    pool = admin.create_user_pool(PoolName="stranger", UsernameAttributes=["email"])["UserPool"]["Id"]
    client = admin.create_user_pool_client(
        UserPoolId=pool, ClientName="site", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )["UserPoolClient"]["ClientId"]
    for group in groups:
        admin.create_group(UserPoolId=pool, GroupName=group)
    return tokens(emulator_url, region, STRANGER, pool, client, groups=groups)


def refused(emulator_url: str, region: str, account_id: str, token: str) -> dict[str, str]:
    """Authorization headers that no route for members may take, each under what is wrong with it.

    Args:
        emulator_url: where the embedded AWS answers.
        region: of the pool.
        account_id: the creator's.
        token: a real access token of the pool, of somebody who may call the route.
    """
    groups = tuple(claims_of(token).get("cognito:groups", ()))
    pool_key = {"emulator_url": emulator_url, "account_id": account_id, "token": token}
    header, payload, signature = token.split(".")
    bad = {
        "forged": forged(token),
        "promoted": forged(token, **{"cognito:groups": ["admin"]}),
        "unsigned": unsigned(token),
        "expired": expired(**pool_key),
        "another creator's": foreign(emulator_url, region, groups=groups),
        "another issuer's": resigned(**pool_key, iss="https://cognito-idp.example.com/pool"),
        "another client's": resigned(**pool_key, client_id="somebodyelses"),
        "cut": f"{header}.{payload}",
        "stitched": f"{header}.{payload}.{signature[::-1]}",
        "no token": "token",
        "empty": "",
    }
    return {name: f"Bearer {value}".strip() for name, value in bad.items()}


def _client(emulator_url: str, region: str, account_id: str) -> Any:
    return boto3.client(
        "cognito-idp",
        region_name=region,
        endpoint_url=emulator_url,
        aws_access_key_id=account_id,
        aws_secret_access_key="secret",
    )
