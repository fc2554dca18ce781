"""The creator's user pool: people by their id, which is also the pool's own name of them.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html says that a pool
whose people sign in by e-mail names them by their `sub`.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from shared.fields import address_key
from shared.problems import ProblemError, not_found
from user_auth.model import Account, Group, Listed, Status

if TYPE_CHECKING:
    from types_boto3_cognito_idp.client import CognitoIdentityProviderClient

CLIENT: CognitoIdentityProviderClient = boto3.client(
    "cognito-idp",
    config=Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "max_attempts": 3}),
)

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_STATUSES = {
    "UNCONFIRMED": Status.UNCONFIRMED,
    "CONFIRMED": Status.CONFIRMED,
    "FORCE_CHANGE_PASSWORD": Status.INVITED,
    "RESET_REQUIRED": Status.RESET_REQUIRED,
}
_PASSWORD_BYTES = 15
_LONGEST_NAME = (
    128  # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html
)
_AUTHENTICATOR_APP = "SOFTWARE_TOKEN_MFA"


def pool_id() -> str:
    """Id of the pool, which is the end of the issuer of its tokens."""
    return os.environ["MEMBERS_ISSUER"].rpartition("/")[2]


def find(person: str) -> Account | None:
    """A person with their groups, or None where the pool knows nobody of this id."""
    return _find(person) if _ID.fullmatch(person) else None  # the pool would take an e-mail address, too


def find_by_address(email: str) -> Account | None:
    """The person who signs in with this address, proven or not, in any case of letters, or None."""
    found = _find(email) if len(email) <= _LONGEST_NAME else None
    return found if found and address_key(found.email) == address_key(email) else None


def _find(name: str) -> Account | None:
    with _asked():
        try:
            user = CLIENT.admin_get_user(UserPoolId=pool_id(), Username=name)
            person = user["Username"]
            groups = CLIENT.admin_list_groups_for_user(UserPoolId=pool_id(), Username=person)["Groups"]
        except CLIENT.exceptions.UserNotFoundException:
            return None
    names = {group["GroupName"] for group in groups}
    return Account(
        **_listed(person, user["UserAttributes"], user),
        second_factor=_AUTHENTICATOR_APP in user.get("UserMFASettingList", ()),
        groups=tuple(group for group in sorted(Group) if group in names),
    )


def page(prefix: str | None, limit: int, cursor: str | None) -> tuple[list[Listed], str | None]:
    """People whose e-mail address begins so, or all.

    Args:
        prefix: without quotes and backslashes; in the case that the address was given in.
        limit: most that are given.
        cursor: where the page before ended.

    Returns:
        The people, and the cursor of the next page, None after the last one.

    Raises:
        ProblemError: 400, the cursor is none of this list.
    """
    options: dict[str, Any] = {"Filter": f'email ^= "{prefix}"'} if prefix else {}
    if cursor:
        options["PaginationToken"] = cursor
    try:
        with _asked():
            answer = CLIENT.list_users(UserPoolId=pool_id(), Limit=limit, **options)
    except ClientError as error:
        # Everything else that is sent is valid: a refused parameter is the cursor.
        if cursor and error.response["Error"]["Code"] in ("InvalidParameterException", "InvalidToken"):
            raise ProblemError(
                400, "bad-cursor", "The cursor is not valid", "Begin again at the first page."
            ) from None
        raise
    people = [Listed(**_listed(user["Username"], user["Attributes"], user)) for user in answer["Users"]]
    return people, answer.get("PaginationToken")


def rename(person: str, display_name: str | None) -> None:
    """Give a person a display name, or take it away."""
    with _asked():
        CLIENT.admin_update_user_attributes(
            UserPoolId=pool_id(),
            Username=person,
            UserAttributes=[{"Name": "preferred_username", "Value": display_name or ""}],
        )


def invite(email: str) -> str:
    """Send somebody an invitation with a password that works once; their id.

    Who has an invitation already and has not used it gets a new one.

    Raises:
        ProblemError: 409, they have signed up.
    """
    attributes: Any = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    invitation: Any = {
        "UserPoolId": pool_id(),
        "Username": email,
        "UserAttributes": attributes,
        "DesiredDeliveryMediums": ["EMAIL"],
        # Of our own making: Cognito puts it into HTML as it is, and its own may have < and & in them.
        "TemporaryPassword": secrets.token_urlsafe(_PASSWORD_BYTES),
    }
    with _asked():
        try:
            made = CLIENT.admin_create_user(**invitation)
        except CLIENT.exceptions.UsernameExistsException:
            status = CLIENT.admin_get_user(UserPoolId=pool_id(), Username=email)["UserStatus"]
            if _STATUSES.get(status) is not Status.INVITED:
                raise ProblemError(
                    409, "already-member", "Already a member", "This address has an account."
                ) from None
            made = CLIENT.admin_create_user(**invitation, MessageAction="RESEND")
    return made["User"]["Username"]


def move(person: str, *, joins: frozenset[Group], leaves: frozenset[Group]) -> None:
    """Put a person into groups, and take them out of others."""
    with _asked():
        for group in sorted(joins):
            CLIENT.admin_add_user_to_group(UserPoolId=pool_id(), Username=person, GroupName=group)
        for group in sorted(leaves):
            CLIENT.admin_remove_user_from_group(UserPoolId=pool_id(), Username=person, GroupName=group)


def set_disabled(person: str, *, disabled: bool) -> None:
    """Keep a person from signing in, or let them in again."""
    with _asked():
        if disabled:
            CLIENT.admin_disable_user(UserPoolId=pool_id(), Username=person)
        else:
            CLIENT.admin_enable_user(UserPoolId=pool_id(), Username=person)


def sign_out(person: str) -> None:
    """End a person's sessions everywhere: their refresh tokens are worth nothing any more."""
    with _asked():
        CLIENT.admin_user_global_sign_out(UserPoolId=pool_id(), Username=person)


def delete(person: str) -> None:
    """Delete a person for good, after their sessions; who is gone already is no error."""
    with _asked(), suppress(CLIENT.exceptions.UserNotFoundException):
        CLIENT.admin_user_global_sign_out(UserPoolId=pool_id(), Username=person)
        CLIENT.admin_delete_user(UserPoolId=pool_id(), Username=person)


def no_such_member() -> ProblemError:
    """404: nobody has this id."""
    return not_found("such member")


@contextmanager
def _asked() -> Iterator[None]:
    """What is no fault: people who are gone, and Cognito's own limits. Every call here may be sent again."""
    try:
        yield
    except CLIENT.exceptions.UserNotFoundException:
        raise no_such_member() from None
    except CLIENT.exceptions.TooManyRequestsException:
        raise ProblemError(
            503,
            "busy",
            "Busy",
            "The user pool takes no more requests right now. Send the request again in a moment.",
            headers={"Retry-After": "1"},
        ) from None


def _listed(person: str, attributes: Sequence[Mapping[str, Any]], user: Mapping[str, Any]) -> dict[str, Any]:
    values = {attribute["Name"]: attribute["Value"] for attribute in attributes}
    return {
        "id": person,
        "email": values["email"],
        "email_verified": values.get("email_verified") == "true",
        "display_name": values.get("preferred_username") or None,
        "since": user["UserCreateDate"].astimezone(UTC),
        "status": _STATUSES.get(user["UserStatus"], Status.OTHER),
        "disabled": not user["Enabled"],
    }
