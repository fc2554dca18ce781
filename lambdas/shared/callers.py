"""Who calls: an operator by the signature, or a member by the token, that API Gateway has checked.

The routes are closed in the API already. The functions check again, so that a route stays closed when its
authorisation is lost by mistake, and to keep out whom a policy or another user pool has let in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.problems import ProblemError, forbidden

Event = Mapping[str, Any]
"""An API Gateway HTTP API event, payload format 2.0."""

# A role session, an IAM user with its path, or the account's root
# (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns)
_ARN = re.compile(
    r"arn:aws[a-z-]*:(?:sts|iam)::(?P<account>[0-9]{12}):"
    r"(?:assumed-role/[\w+=,.@-]+/(?P<session>[\w+=,.@-]{2,64})"
    r"|user/(?:[!-~]*/)?(?P<user>[\w+=,.@-]{1,64})"
    r"|(?P<root>root))",
    re.ASCII,
)
_SUBJECT = re.compile(r"[0-9A-Za-z-]{1,128}", re.ASCII)


class Caller(StrEnum):
    """Who may call a route."""

    PUBLIC = "public"
    MEMBER = "member"
    MODERATOR = "moderator"
    ADMIN = "admin"
    OPERATOR = "operator"


_GROUPS = {
    Caller.MEMBER: frozenset[str](),
    Caller.MODERATOR: frozenset({"moderator", "admin"}),
    Caller.ADMIN: frozenset({"admin"}),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in person.

    Args:
        id: the user pool's `sub`, which never changes and is given to nobody else.
        username: the user pool's own name of the person, for calls to it.
        groups: the groups that they are in, of `admin`, `moderator` and `member`.
    """

    id: str
    username: str
    groups: frozenset[str]


def operator_of(event: Event, account_id: str) -> str:
    """The name of the operator: the role session's, the IAM user's, or `root`.

    Args:
        event: the request.
        account_id: the account whose principals are operators.

    Raises:
        ProblemError: 403, the call is not signed or comes from another account.
    """
    identity = _authorizer(event).get("iam") or {}
    if identity.get("accountId") != account_id:
        raise forbidden()
    arn = _ARN.fullmatch(str(identity.get("userArn") or ""))
    if arn is None or arn["account"] != account_id:
        raise forbidden()
    return arn["session"] or arn["user"] or arn["root"]


def member_of(event: Event, now: datetime, by: Caller = Caller.MEMBER) -> Member:
    """The member whose access token came with the request.

    `MEMBERS_ISSUER` and `MEMBERS_CLIENT_ID` of the environment name the creator's own user pool and client.

    Args:
        event: the request.
        now: when it came in.
        by: MEMBER for everyone, MODERATOR or ADMIN for those in the group.

    Raises:
        ProblemError: 401, there is no token of this creator's user pool; 403, the member is not in the group.
    """
    claims = (_authorizer(event).get("jwt") or {}).get("claims") or {}
    issuer, client = os.environ.get("MEMBERS_ISSUER"), os.environ.get("MEMBERS_CLIENT_ID")
    subject = str(claims.get("sub") or "")
    if (
        not issuer
        or claims.get("iss") != issuer
        or claims.get("client_id") != client
        or claims.get("token_use") != "access"
        or not _expires_after(claims.get("exp"), now)
        or not _SUBJECT.fullmatch(subject)
    ):
        raise signed_out()
    # API Gateway hands lists over as text: [admin member]
    groups = frozenset(re.findall(r"[\w-]+", str(claims.get("cognito:groups") or "")))
    needed = _GROUPS[by]
    if needed and not groups & needed:
        raise not_yours()
    return Member(id=subject, username=str(claims.get("username") or subject), groups=groups)


def signed_out() -> ProblemError:
    """401: the route is for members."""
    return ProblemError(
        401,
        "signed-out",
        "Members only",
        "Sign in and send the access token as Authorization: Bearer.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def not_yours() -> ProblemError:
    """403: the member lacks the group that the route is for."""
    return ProblemError(403, "not-allowed", "Not allowed", "Your account does not have the right to do this.")


def _authorizer(event: Event) -> Mapping[str, Any]:
    return event.get("requestContext", {}).get("authorizer") or {}


def _expires_after(expiry: object, now: datetime) -> bool:
    try:
        return float(str(expiry)) > now.timestamp()
    except ValueError:
        return False
