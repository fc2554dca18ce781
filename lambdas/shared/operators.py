"""Who calls an operator route, by the identity that API Gateway took from the signature."""

from __future__ import annotations

import re

from shared.api import Event
from shared.problems import forbidden

# A role session, an IAM user with its path, or the account's root
# (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns)
_ARN = re.compile(
    r"arn:aws[a-z-]*:(?:sts|iam)::(?P<account>[0-9]{12}):"
    r"(?:assumed-role/[\w+=,.@-]+/(?P<session>[\w+=,.@-]{2,64})"
    r"|user/(?:[!-~]*/)?(?P<user>[\w+=,.@-]{1,64})"
    r"|(?P<root>root))",
    re.ASCII,
)


def operator_of(event: Event, account_id: str) -> str:
    """The name of the operator: the role session's, the IAM user's, or `root`.

    The route is AWS_IAM in the API already; this check keeps it closed when the route's authorisation is
    lost by mistake, and refuses callers of other accounts whom a policy has let in.

    Args:
        event: the request.
        account_id: the account whose principals are operators.

    Raises:
        ProblemError: 403, the call is not signed or comes from another account.
    """
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    identity = authorizer.get("iam") or {}
    if identity.get("accountId") != account_id:
        raise forbidden()
    arn = _ARN.fullmatch(str(identity.get("userArn") or ""))
    if arn is None or arn["account"] != account_id:
        raise forbidden()
    return arn["session"] or arn["user"] or arn["root"]
