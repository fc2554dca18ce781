"""Cognito: what users may write into their attributes, and how a new e-mail address is verified.

Upstream accepts every attribute of every length from everybody, and takes a new e-mail address for good at
once; AWS holds to the pool's schema and the app client's list, and sends a code to the new address
(https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html).
"""

from __future__ import annotations

from typing import Any

from ministack.services import cognito

from fleet_tui.sandbox.emulator.wire import Response, ServiceError, json_answer

Record = dict[str, Any]

EMAIL = "email"
LONGEST = 2048
"""Characters of an attribute whose schema sets no limit."""

AMZ_JSON = "application/x-amz-json-1.1"

_SCHEMA = "Attributes did not conform to the schema: "


def _invalid(message: str) -> ServiceError:
    return ServiceError(400, "InvalidParameterException", message)


def _check_one(schema: Record | None, name: str, value: str) -> None:
    if schema is None:
        raise _invalid(f"{_SCHEMA}{name}: Attribute does not exist in schema.\n")
    limits = schema.get("StringAttributeConstraints") or {}
    shortest, longest = int(limits.get("MinLength") or 0), int(limits.get("MaxLength") or LONGEST)
    if len(value) > longest:
        raise _invalid(f"{_SCHEMA}{name}: String must be no longer than {longest} characters.\n")
    if len(value) < shortest:
        raise _invalid(f"{_SCHEMA}{name}: String must be at least {shortest} characters.\n")


def check_attributes(pool: Record, attributes: dict[str, str], client: Record | None) -> None:
    """Hold attributes that are written against the pool's schema, and against what the client may write.

    Args:
        pool: ministack's record of the user pool.
        attributes: what is written, by name.
        client: record of the app client the user writes through; None for an administrator.

    Raises:
        ServiceError: what AWS says.
    """
    schemas = {
        schema["Name"]: schema for schema in cognito._ensure_schema_attributes(pool)["SchemaAttributes"]
    }
    for name, value in attributes.items():
        _check_one(schemas.get(name), name, value)
    writable = (client or {}).get("WriteAttributes")
    if writable and not set(attributes) <= set(writable):
        message = "A client attempted to write unauthorized attribute"
        raise ServiceError(400, "NotAuthorizedException", message)


def check_sign_up(pool: Record, client: Record, username: str, attributes: dict[str, str]) -> None:
    """Hold a sign-up against the pool's settings, its schema and its required attributes.

    Raises:
        ServiceError: what AWS says.
    """
    if (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
        raise ServiceError(400, "NotAuthorizedException", "SignUp is not permitted for this user pool")
    check_attributes(pool, attributes, client)
    given = set(attributes) | ({EMAIL} if "@" in username and pool.get("UsernameAttributes") else set())
    for schema in pool["SchemaAttributes"]:
        if schema.get("Required") and schema["Name"] not in given | {"sub"}:
            raise _invalid(f"{_SCHEMA}{schema['Name']}: The attribute is required\n")


def confirm_email(pool: Record, user: Record) -> None:
    """A code that was sent to the user's address came back: it is verified."""
    if EMAIL in (pool.get("AutoVerifiedAttributes") or []):
        set_attributes(user, {"email_verified": "true"})


def set_attributes(user: Record, values: dict[str, str]) -> None:
    """Write attributes."""
    user["Attributes"] = cognito._dict_to_attr_list({**values_of(user), **values})
    user["UserLastModifiedDate"] = cognito._now_epoch()


def values_of(user: Record) -> dict[str, str]:
    """A user's attributes by name."""
    values: dict[str, str] = cognito._attr_list_to_dict(user.get("Attributes", []))
    return values


def _owner(data: Record) -> tuple[Record, Record]:
    user, pool = cognito._user_pool_for_access_token(data.get("AccessToken", ""))
    if not user:
        raise ServiceError(400, "NotAuthorizedException", "Invalid Access Token")
    return user, pool


def _delivery(address: str) -> Record:
    return {
        "Destination": cognito._masked_destination(address),
        "DeliveryMedium": "EMAIL",
        "AttributeName": EMAIL,
    }


def _refuse_taken(pool: Record, user: Record, address: str) -> None:
    if EMAIL not in [*(pool.get("UsernameAttributes") or []), *(pool.get("AliasAttributes") or [])]:
        return
    other, _ = cognito._resolve_user(pool, address)
    if other is not None and other is not user:
        message = "An account with the given email already exists."
        raise ServiceError(400, "AliasExistsException", message)


def update_user_attributes(data: Record) -> Response:
    """UpdateUserAttributes: an e-mail address that the pool verifies is sent a code.

    Raises:
        ServiceError: what AWS says.
    """
    user, pool = _owner(data)
    new = cognito._attr_list_to_dict(data.get("UserAttributes", []))
    check_attributes(pool, new, pool["_clients"].get(cognito._token_claims(data["AccessToken"])["client_id"]))
    deliveries = []
    if (address := new.get(EMAIL)) and address != values_of(user).get(EMAIL):
        _refuse_taken(pool, user, address)
        if EMAIL in (pool.get("AutoVerifiedAttributes") or []):
            settings = pool.get("UserAttributeUpdateSettings") or {}
            if EMAIL in (settings.get("AttributesRequireVerificationBeforeUpdate") or []):
                del new[EMAIL]
            else:
                new["email_verified"] = "false"
            user["_new_email"] = address
            deliveries.append(_delivery(address))
    set_attributes(user, new)
    if deliveries:
        cognito._send_verification_email(pool, user["Username"], {**values_of(user), EMAIL: address}, "")
    return json_answer({"CodeDeliveryDetailsList": deliveries}, AMZ_JSON)


def get_user_attribute_verification_code(data: Record) -> Response:
    """GetUserAttributeVerificationCode, for the e-mail address.

    Raises:
        ServiceError: what AWS says.
    """
    user, pool = _owner(data)
    address = user.get("_new_email") or values_of(user).get(EMAIL)
    if data.get("AttributeName") != EMAIL or not address:
        raise _invalid(f"User does not have an attribute {data.get('AttributeName')} to verify.")
    cognito._send_verification_email(pool, user["Username"], {**values_of(user), EMAIL: address}, "")
    return json_answer({"CodeDeliveryDetails": _delivery(address)}, AMZ_JSON)


def verify_user_attribute(data: Record) -> Response:
    """VerifyUserAttribute, for the e-mail address.

    Raises:
        ServiceError: what AWS says.
    """
    user, pool = _owner(data)
    if error := cognito._code_error(user.get("_attribute_code"), data.get("Code")):
        refused: Response = error
        return refused
    address = user.pop("_new_email", None) or values_of(user)[EMAIL]
    _refuse_taken(pool, user, address)
    user.pop("_attribute_code")
    set_attributes(user, {EMAIL: address, "email_verified": "true"})
    return json_answer({}, AMZ_JSON)
