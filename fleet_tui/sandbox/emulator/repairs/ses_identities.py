"""SES v2: identities and the account.

Upstream takes every identity for verified and every account for out of the sandbox, and knows no settings of
an identity besides its tags. At AWS both wait: for DNS records or a click, and for a person's review
(https://docs.aws.amazon.com/ses/latest/APIReference-V2/, read 2026). Here the back door ends the waiting
(`ses/verify`, `ses/production`).
"""

from __future__ import annotations

import hashlib
import re
import time
from typing import Any
from urllib.parse import unquote

from ministack.core.responses import get_account_id, get_region
from ministack.services import ses, ses_v2

from fleet_tui.sandbox.emulator.wire import ServiceError

Body = dict[str, Any]

STATUSES = ("PENDING", "SUCCESS", "FAILED", "TEMPORARY_FAILURE", "NOT_STARTED")
KEY_LENGTH = "RSA_2048_BIT"

_PATH = re.compile(
    r"^/v[12]/email/identities/(?P<name>[^/]+)"
    r"(?:/(?P<part>dkim/signing|dkim|mail-from|feedback|configuration-set|policies)(?:/(?P<policy>[^/]+))?)?$"
)
_LISTS = {("GET", "/v2/email/identities"), ("POST", "/v2/email/list-identities")}
_ACCOUNT = {"/v2/email/account", "/v2/email/account/details", "/v2/email/account/suppression"}


def _tokens(identity: str) -> list[str]:
    """The three tokens of Easy DKIM: other ones in every account and region."""
    places = [f"{get_account_id()}/{get_region()}/{identity}/{number}" for number in range(3)]
    return [hashlib.sha256(place.encode()).hexdigest()[:32] for place in places]


def _dkim(identity: str, kind: str, given: Body) -> Body:
    length = given.get("NextSigningKeyLength") or KEY_LENGTH
    keys = {"NextSigningKeyLength": length, "CurrentSigningKeyLength": length}
    keys["LastKeyGenerationTimestamp"] = time.time()
    if given.get("DomainSigningSelector"):
        origin = {"SigningAttributesOrigin": "EXTERNAL", "Tokens": [given["DomainSigningSelector"]]}
        return {"SigningEnabled": True, "Status": "PENDING", **origin}
    if kind == "DOMAIN":
        origin = {"SigningAttributesOrigin": "AWS_SES", "Tokens": _tokens(identity)}
        return {"SigningEnabled": True, "Status": "PENDING", **origin, **keys}
    return {"SigningEnabled": False, "Status": "NOT_STARTED", "SigningAttributesOrigin": "AWS_SES", **keys}


def _check_configuration_set(name: str | None) -> None:
    if name and name not in ses_v2._config_sets:
        raise ServiceError(404, "NotFoundException", f"Configuration set <{name}> does not exist.")


def find(name: str) -> Body:
    """ministack's record of an identity.

    Raises:
        ServiceError: there is none.
    """
    record: Body | None = ses_v2._identities.get(name)
    if record is None:
        raise ServiceError(404, "NotFoundException", f"Email identity {name} does not exist.")
    return record


def _create(body: Body) -> Body:
    name = body.get("EmailIdentity") or ""
    if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+|[A-Za-z0-9.-]+\.[A-Za-z0-9-]+", name):
        raise ServiceError(400, "BadRequestException", f"Invalid email identity {name}")
    if name in ses_v2._identities:
        raise ServiceError(400, "AlreadyExistsException", f"Email identity {name} already exist.")
    _check_configuration_set(body.get("ConfigurationSetName"))
    kind = "EMAIL_ADDRESS" if "@" in name else "DOMAIN"
    ses_v2._identities[name] = {
        "IdentityType": kind,
        "FeedbackForwardingStatus": True,
        "VerifiedForSendingStatus": False,
        "VerificationStatus": "PENDING",
        "DkimAttributes": _dkim(name, kind, body.get("DkimSigningAttributes") or {}),
        "MailFromAttributes": {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
        "Policies": {},
        "ConfigurationSetName": body.get("ConfigurationSetName"),
    }
    ses_v2._ses_tags[ses_v2._resource_arn("identity", name)] = list(body.get("Tags") or [])
    shown = ("IdentityType", "VerifiedForSendingStatus", "DkimAttributes")
    return {key: ses_v2._identities[name][key] for key in shown}


def _list(body: Body) -> Body:
    wanted = body.get("Filter") or {}
    found = [
        {
            "IdentityType": record["IdentityType"],
            "IdentityName": name,
            "SendingEnabled": record["VerifiedForSendingStatus"],
            "VerificationStatus": record["VerificationStatus"],
        }
        for name, record in sorted(ses_v2._identities.items())
    ]
    return {
        "EmailIdentities": [
            item
            for item in found
            if wanted.get("IDENTITY_NAME_CONTAINS", "") in item["IdentityName"]
            and wanted.get("IDENTITY_TYPE") in (None, item["IdentityType"])
            and wanted.get("VERIFICATION_STATUS") in (None, item["VerificationStatus"])
        ]
    }


def _change(record: Body, name: str, part: str, body: Body) -> Body:
    if part == "feedback":
        record["FeedbackForwardingStatus"] = bool(body.get("EmailForwardingEnabled"))
    elif part == "dkim":
        record["DkimAttributes"]["SigningEnabled"] = bool(body.get("SigningEnabled"))
    elif part == "dkim/signing":
        record["DkimAttributes"] = _dkim(name, record["IdentityType"], body.get("SigningAttributes") or {})
        return {"DkimStatus": "PENDING", "DkimTokens": record["DkimAttributes"].get("Tokens") or []}
    elif part == "configuration-set":
        _check_configuration_set(body.get("ConfigurationSetName"))
        record["ConfigurationSetName"] = body.get("ConfigurationSetName")
    elif part == "mail-from":
        behaviour = body.get("BehaviorOnMxFailure") or "USE_DEFAULT_VALUE"
        record["MailFromAttributes"] = {"BehaviorOnMxFailure": behaviour}
        if domain := body.get("MailFromDomain"):
            pending = {"MailFromDomain": domain, "MailFromDomainStatus": "PENDING"}
            record["MailFromAttributes"].update(pending)
    return {}


def _policies(method: str, record: Body, name: str, body: Body) -> Body:
    policies: dict[str, str] = record["Policies"]
    if method == "GET":
        return {"Policies": policies}
    if method == "POST" and name in policies:
        raise ServiceError(400, "AlreadyExistsException", f"Policy {name} already exists.")
    if method != "POST" and name not in policies:
        raise ServiceError(404, "NotFoundException", f"Policy {name} does not exist.")
    if method == "DELETE":
        del policies[name]
    else:
        policies[name] = body["Policy"]
    return {}


def _account() -> Body:
    details: Body = ses._account_details.get("account") or {}
    return details


def has_production_access() -> bool:
    """Whether the account and region of the request are out of the sandbox."""
    return bool(_account().get("ProductionAccessEnabled"))


def _show_account() -> Body:
    production, details = has_production_access(), _account().get("Details")
    quota = {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0}
    if not production:
        quota = {"Max24HourSend": 200.0, "MaxSendRate": 1.0}
    day = time.time() - 86_400
    quota["SentLast24Hours"] = float(sum(mail["Timestamp"] >= day for mail in ses._sent_emails_list()))
    return {
        "DedicatedIpAutoWarmupEnabled": False,
        "EnforcementStatus": "HEALTHY",
        "ProductionAccessEnabled": production,
        "SendQuota": quota,
        "SendingEnabled": True,
        "SuppressionAttributes": {"SuppressedReasons": _account().get("SuppressedReasons") or []},
        **({"Details": details} if details else {}),
    }


def _change_account(path: str, body: Body) -> Body:
    account = _account()
    if path.endswith("/suppression"):
        account["SuppressedReasons"] = body.get("SuppressedReasons") or []
    else:
        asked = {key: value for key, value in body.items() if key != "ProductionAccessEnabled"}
        account["Details"] = {**asked, "ReviewDetails": {"Status": "PENDING", "CaseId": "0"}}
    ses._account_details["account"] = account
    return {}


def handles(method: str, path: str) -> bool:
    """Whether a request is about identities or the account."""
    return bool((method, path) in _LISTS or path in _ACCOUNT or "/email/identities" in path)


def answer(method: str, path: str, body: Body) -> Body:
    """Answer a request that `handles` is true for.

    Raises:
        ServiceError: what SES says.
    """
    if path in _ACCOUNT:
        return _show_account() if method == "GET" else _change_account(path, body)
    if (method, path) in _LISTS:
        return _list(body)
    match = _PATH.match(path)
    if match is None:
        return _create(body)
    name = unquote(match["name"])
    record = find(name)
    if match["part"] == "policies":
        return _policies(method, record, unquote(match["policy"] or ""), body)
    if match["part"]:
        return _change(record, name, match["part"], body)
    arn = ses_v2._resource_arn("identity", name)
    if method == "DELETE":
        ses_v2._identities.pop(name)
        ses_v2._ses_tags.pop(arn, None)
        return {}
    shown = {key: value for key, value in record.items() if value is not None}
    return {**shown, "Tags": ses_v2._ses_tags.get(arn) or []}


def verify(name: str, status: str) -> Body:
    """What DNS or a click would do: set an identity's verification, and its DKIM and MAIL FROM with it.

    Args:
        name: domain or address, in the account and region of the request.
        status: one of `STATUSES`.

    Raises:
        ServiceError: no such identity, or no such status.
    """
    if status not in STATUSES:
        raise ServiceError(400, "BadRequest", f"status must be one of {', '.join(STATUSES)}")
    record = find(name)
    record["VerificationStatus"] = status
    record["VerifiedForSendingStatus"] = status == "SUCCESS"
    if record["IdentityType"] == "DOMAIN":
        record["DkimAttributes"]["Status"] = status
    if "MailFromDomain" in record["MailFromAttributes"]:
        record["MailFromAttributes"]["MailFromDomainStatus"] = status
    return {"identity": name, "status": status}


def review(*, granted: bool) -> Body:
    """What a person at AWS would do: let the account of the request out of the sandbox, or not."""
    account = _account()
    account["ProductionAccessEnabled"] = granted
    if details := account.get("Details"):
        details["ReviewDetails"]["Status"] = "GRANTED" if granted else "DENIED"
    ses._account_details["account"] = account
    return {"production_access": granted}
