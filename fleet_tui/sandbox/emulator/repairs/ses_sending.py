"""SES v2: SendEmail.

Upstream forgets reply addresses, headers and tags, keeps raw messages without their recipients, and sends
what has no recipient, a newline in a header, or an unknown configuration set.
"""

from __future__ import annotations

import base64
import email
import email.policy
import time
import uuid
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from ministack.services import ses, ses_v2

from fleet_tui.sandbox.emulator.repairs import ses_events
from fleet_tui.sandbox.emulator.wire import ServiceError

Body = dict[str, Any]

PATH = "/v2/email/outbound-emails"
MAX_RECIPIENTS = 50
"""https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""

_RECIPIENTS = (("To", "ToAddresses"), ("CC", "CcAddresses"), ("BCC", "BccAddresses"))


def _bad(message: str) -> ServiceError:
    return ServiceError(400, "BadRequestException", message)


def _one_line(name: str, value: str) -> str:
    if "\r" in value or "\n" in value:
        raise _bad(f"Header {name} must not contain line breaks.")
    return value


def _simple(content: Body) -> Body:
    body = content.get("Body") or {}
    return {
        "Subject": _one_line("Subject", (content.get("Subject") or {}).get("Data") or ""),
        "BodyText": (body.get("Text") or {}).get("Data") or "",
        "BodyHtml": (body.get("Html") or {}).get("Data") or "",
        "Headers": {
            header["Name"]: _one_line(header["Name"], header["Value"])
            for header in content.get("Headers") or []
        },
        "Attachments": [attachment["FileName"] for attachment in content.get("Attachments") or []],
    }


def _text(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _addresses(message: EmailMessage, name: str) -> list[str]:
    return [address for _, address in getaddresses([str(value) for value in message.get_all(name, [])])]


def _raw(content: Body) -> Body:
    message = email.message_from_bytes(base64.b64decode(content["Data"]), policy=email.policy.default)
    return {
        "Source": str(message.get("From") or ""),
        "To": _addresses(message, "To"),
        "CC": _addresses(message, "Cc"),
        "BCC": _addresses(message, "Bcc"),
        "ReplyToAddresses": _addresses(message, "Reply-To"),
        "Subject": str(message.get("Subject") or ""),
        "BodyText": _text(message, "plain"),
        "BodyHtml": _text(message, "html"),
        "Headers": {name: str(value) for name, value in message.items()},
        "Attachments": [part.get_filename() for part in message.iter_attachments()],
    }


def _template(content: Body) -> Body:
    stored, _, error = ses_v2._resolve_send_template(content)
    if error:
        raise _bad("Template does not exist")
    shown = ses_v2._render_template(stored, content.get("TemplateData") or "")
    parts = {"Subject": "Subject", "BodyText": "Text", "BodyHtml": "Html"}
    return {key: shown.get(part) or "" for key, part in parts.items()}


def _content(content: Body) -> Body:
    if raw := content.get("Raw"):
        return _raw(raw)
    if simple := content.get("Simple"):
        return _simple(simple)
    if template := content.get("Template"):
        return _template(template)
    raise _bad("Content must have one of Simple, Raw and Template.")


def _check(record: Body) -> None:
    recipients = [*record["To"], *record["CC"], *record["BCC"]]
    if not record["Source"]:
        raise _bad("Missing required From address.")
    if not 0 < len(recipients) <= MAX_RECIPIENTS:
        raise _bad(f"Recipient count must be between 1 and {MAX_RECIPIENTS}.")
    for address in [record["Source"], *recipients, *record["ReplyToAddresses"]]:
        _one_line("address", address)
        if ses._missing_domain(address):
            raise _bad("Missing final '@domain'")
    name = record["ConfigurationSetName"]
    if name and name not in ses_v2._config_sets:
        raise ServiceError(404, "NotFoundException", f"Configuration set <{name}> does not exist.")
    if rejected := ses._message_rejection(record["Source"], recipients):
        raise ServiceError(400, "MessageRejected", rejected)


def send_email(body: Body) -> Body:
    """SendEmail: the message is kept for the back door's `mails`.

    Raises:
        ServiceError: what SES says.
    """
    destination = body.get("Destination") or {}
    record: Body = {
        "MessageId": f"{uuid.uuid4()}@email.amazonses.com",
        "Type": "SendEmail",
        "Timestamp": time.time(),
        "Source": "",
        "To": [],
        "CC": [],
        "BCC": [],
        "ReplyToAddresses": [],
        "Headers": {},
        "ConfigurationSetName": body.get("ConfigurationSetName"),
        "EmailTags": {tag["Name"]: tag["Value"] for tag in body.get("EmailTags") or []},
        **_content(body.get("Content") or {}),
    }
    if sender := body.get("FromEmailAddress"):
        record["Source"] = sender
    if replies := body.get("ReplyToAddresses"):
        record["ReplyToAddresses"] = replies
    if any(destination.get(field) for _, field in _RECIPIENTS):
        record.update({key: destination.get(field) or [] for key, field in _RECIPIENTS})
    _check(record)
    ses._sent_emails_list().append(record)
    ses_events.tell(record)
    return {"MessageId": record["MessageId"]}
