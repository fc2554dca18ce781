"""Cognito: signing up, confirmation and recovery.

Upstream:
- every confirmation code is 123456 and every reset code 654321, and any other code is as good: codes, access
  tokens, authentication flows and secret hashes are only looked at when the emulator also evaluates IAM;
- confirming a sign-up does not verify the e-mail address, and a password is reset by an unverified one;
- a password policy without a `Require…` field requires it; AWS takes a missing one for false, and SDKs leave
  false out;
- names and addresses are compared letter by letter also where the pool does not care about case;
- a pool that is protected, or has a domain, is deleted.

What a user was sent, and the code in it, is read through the back door (`mails`).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.services import cognito

from fleet_tui.sandbox.emulator.repairs import cognito_attributes, cognito_triggers
from fleet_tui.sandbox.emulator.repairs.cognito_attributes import AMZ_JSON, Record, values_of
from fleet_tui.sandbox.emulator.wire import Response, ServiceError, json_error


@dataclass(frozen=True)
class Call:
    """The call of a user pool's API that is in hand."""

    action: str
    data: Record

    @property
    def client(self) -> str:
        """Id of the app client."""
        return str(self.data.get("ClientId") or "CLIENT_ID_NOT_APPLICABLE")


_call: ContextVar[Call] = ContextVar("call")

_MESSAGES = {
    "SignUp": ("CustomMessage_SignUp", "_confirmation_code"),
    "ResendConfirmationCode": ("CustomMessage_ResendCode", "_confirmation_code"),
    "ForgotPassword": ("CustomMessage_ForgotPassword", "_reset_code"),
    "AdminResetUserPassword": ("CustomMessage_ForgotPassword", "_reset_code"),
    "UpdateUserAttributes": ("CustomMessage_UpdateUserAttribute", "_attribute_code"),
    "GetUserAttributeVerificationCode": ("CustomMessage_VerifyUserAttribute", "_attribute_code"),
}
"""Action → what the CustomMessage trigger is called with, and where the user's record keeps the code."""

_CONFIRMATIONS = {
    "SignUp": "PostConfirmation_ConfirmSignUp",
    "ConfirmSignUp": "PostConfirmation_ConfirmSignUp",
    "AdminConfirmSignUp": "PostConfirmation_ConfirmSignUp",
    "ConfirmForgotPassword": "PostConfirmation_ConfirmForgotPassword",
}

_REQUIREMENTS = ("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols")


def _place(call: Call) -> tuple[Record | None, Record | None]:
    """The pool a call is about, and the user whom it names; each None where there is none."""
    if pool_id := call.data.get("UserPoolId"):
        pool = cognito._user_pools.get(pool_id)
    else:
        pool, _ = cognito._pool_for_client(call.data.get("ClientId"))
    name = call.data.get("Username")
    user = cognito._resolve_user(pool, name)[0] if pool and name else None
    return pool, user


def send_code(pool: Record, username: str, attributes: dict[str, str], _code: str, **_attribute: str) -> None:
    """Draw a code, keep it with the user, and send it in the words of the trigger or of the pool's template.

    Raises:
        ServiceError: the trigger failed.
    """
    call = _call.get()
    source, place = _MESSAGES[call.action]
    user = cognito._resolve_user(pool, username)[0]
    code = user[place] = f"{secrets.randbelow(1_000_000):06}"
    request = {
        "codeParameter": "{####}",
        "linkParameter": "{##Click Here##}",
        "usernameParameter": None,
        "clientMetadata": call.data.get("ClientMetadata") or {},
    }
    response: Record = {"smsMessage": None, "emailMessage": None, "emailSubject": None}
    event = cognito_triggers.event_of(pool, source, user, call.client, request, response)
    custom = cognito_triggers.call(pool, "CustomMessage", event)
    link = (pool.get("VerificationMessageTemplate") or {}).get("DefaultEmailOption") == "CONFIRM_WITH_LINK"
    subject, text = cognito._resolve_verification_template(pool, by_link=link)
    shown = cognito._template_username(pool, username, attributes)
    cognito._deliver_cognito_email(
        pool,
        attributes.get("email"),
        cognito._expand_template(custom.get("emailSubject") or subject, shown, code),
        cognito._expand_template(custom.get("emailMessage") or text, shown, code),
        type_name="CognitoVerificationMessage",
        extra={"Username": user["Username"], "Code": code},
    )


def _pre_sign_up(
    pool_id: str,
    client: str,
    username: str,
    attributes: dict[str, str],
    trigger_source: str = "PreSignUp_ExternalProvider",
) -> dict[str, bool]:
    call, pool = _call.get(), cognito._user_pools[pool_id]
    user = {"Username": username, "Attributes": cognito._dict_to_attr_list(attributes), "UserStatus": ""}
    allowed = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    validation = cognito._attr_list_to_dict(call.data.get("ValidationData") or [])
    request = {
        "userAttributes": attributes,
        "validationData": validation or None,
        "clientMetadata": call.data.get("ClientMetadata") or {},
    }
    event = cognito_triggers.event_of(pool, trigger_source, user, client, request, dict(allowed))
    response = cognito_triggers.call(pool, "PreSignUp", event)
    return {name: bool(response.get(name)) for name in allowed}


def _check(call: Call) -> Response | None:
    """The refusal of a call, or None.

    Raises:
        ServiceError: a refusal, too.
    """
    pool, user = _place(call)
    attributes = cognito._attr_list_to_dict(call.data.get("UserAttributes") or [])
    if call.action == "SignUp" and pool:
        client = pool["_clients"][call.data["ClientId"]]
        cognito_attributes.check_sign_up(pool, client, call.data.get("Username") or "", attributes)
    elif call.action in ("AdminCreateUser", "AdminUpdateUserAttributes") and pool:
        cognito_attributes.check_attributes(pool, attributes, None)
    elif call.action == "ResendConfirmationCode" and user and user["UserStatus"] == "CONFIRMED":
        raise ServiceError(400, "InvalidParameterException", "User is already confirmed.")
    elif call.action == "ForgotPassword" and user and values_of(user).get("email_verified") != "true":
        message = (
            "Cannot reset password for the user as there is no registered/verified email or phone_number"
        )
        raise ServiceError(400, "InvalidParameterException", message)
    elif call.action == "DeleteUserPool" and pool:
        _check_deletion(pool)
    refusal: Response | None = (
        cognito._validate_client_secret_hash(call.action, call.data)
        or cognito._auth_flow_error(call.action, call.data)
        or cognito._access_token_error(call.data)
        or cognito._confirmation_code_error(call.action, call.data)
    )
    return refusal


def _check_deletion(pool: Record) -> None:
    if pool.get("DeletionProtection") == "ACTIVE":
        message = (
            "The user pool cannot be deleted because deletion protection is activated. "
            "Deletion protection must be inactivated first."
        )
        raise ServiceError(400, "InvalidParameterException", message)
    if pool.get("Domain") or pool.get("CustomDomain"):
        message = "User pool cannot be deleted. It has a domain configured that should be deleted first."
        raise ServiceError(400, "InvalidParameterException", message)


def _confirmed(call: Call, answer: Record) -> None:
    """What follows on a confirmation: the address is verified, and the trigger is called."""
    pool, user = _place(call)
    source = _CONFIRMATIONS.get(call.action)
    if not source or not pool or not user or (call.action == "SignUp" and not answer["UserConfirmed"]):
        return
    if call.action.startswith("Confirm"):
        cognito_attributes.confirm_email(pool, user)
    request = {"clientMetadata": call.data.get("ClientMetadata") or {}}
    event = cognito_triggers.event_of(pool, source, user, call.client, request, {})
    cognito_triggers.call(pool, "PostConfirmation", event)


def _complete_policy(data: Record) -> None:
    policy = (data.get("Policies") or {}).get("PasswordPolicy")
    if policy is not None:
        for requirement in _REQUIREMENTS:
            policy.setdefault(requirement, False)


def run(handler: Callable[[Record], Response], action: str, data: Record) -> Response:
    """Answer a call of a user pool's API in ministack's place."""
    if action in cognito._UNSIGNED_IDP_ACTIONS:
        cognito._pin_unsigned_idp_scope(data)
    call = Call(action, data)
    token = _call.set(call)
    try:
        if refusal := _check(call):
            return refusal
        _complete_policy(data)
        status, headers, body = handler(data)
        if status == 200:
            answer = json.loads(body or b"{}")
            delivery = answer.get("CodeDeliveryDetails")
            if delivery and "*" not in delivery["Destination"]:
                delivery["Destination"] = cognito._masked_destination(delivery["Destination"])
                body = json.dumps(answer).encode()
            _confirmed(call, answer)
        return status, headers, body
    except ServiceError as error:
        return json_error(error, AMZ_JSON)
    finally:
        _call.reset(token)


def _resolve_in_any_case(
    pool: Record, username: str, inner: Callable[[Record, str], tuple[Any, Any]]
) -> tuple[Any, Any]:
    user, error = inner(pool, username)
    if user or not username or (pool.get("UsernameConfiguration") or {}).get("CaseSensitive", True):
        return user, error
    names = ["sub", *(pool.get("UsernameAttributes") or [])]
    for user in pool["_users"].values():
        known = [user["Username"], *(values_of(user).get(name, "") for name in names)]
        if username.casefold() in (name.casefold() for name in known):
            return user, None
    return None, error


def install() -> None:
    """Put the repair in place."""
    resolve, dispatch = cognito._resolve_user, cognito._dispatch_idp
    added = {
        "GetUserAttributeVerificationCode": cognito_attributes.get_user_attribute_verification_code,
        "VerifyUserAttribute": cognito_attributes.verify_user_attribute,
    }

    async def dispatch_all(action: str, data: Record) -> Response:
        if action not in added:
            answer: Response = await dispatch(action, data)
            return answer
        done: Response = await cognito.run_reentrant(run, added[action], action, data)
        return done

    cognito._resolve_user = lambda pool, username: _resolve_in_any_case(pool, username, resolve)
    cognito._dispatch_idp = dispatch_all
    cognito._UNSIGNED_IDP_ACTIONS |= set(added)
    cognito._run_idp_handler = run
    cognito._send_verification_email = send_code
    cognito._apply_presignup_trigger = _pre_sign_up
    cognito._update_user_attributes = cognito_attributes.update_user_attributes
