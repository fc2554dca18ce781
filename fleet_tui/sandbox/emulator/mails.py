"""What was sent by SES, by Cognito and by SNS, as the back door shows it."""

from __future__ import annotations

from typing import Any

from ministack.services import ses

from fleet_tui.sandbox.emulator.door_fields import Body, need


def _shown(record: dict[str, Any], region: str) -> Body:
    return {
        "id": record["MessageId"],
        "at": record["Timestamp"],
        "region": region,
        "kind": record["Type"],
        "from": record["Source"],
        "to": record["To"],
        "cc": record["CC"],
        "bcc": record["BCC"],
        "reply_to": record.get("ReplyToAddresses") or [],
        "headers": record.get("Headers") or {},
        "subject": record["Subject"],
        "text": record["BodyText"],
        "html": record["BodyHtml"] or "",
        "attachments": record.get("Attachments") or [],
        "configuration_set": record.get("ConfigurationSetName"),
        "tags": record.get("EmailTags") or {},
        "username": record.get("Username"),
        "code": record.get("Code"),
    }


def list_mails(body: Body) -> Body:
    """`mails`: what an account has sent, oldest first; narrowed by `region` and by one recipient (`to`)."""
    (account,) = need(body, "account")
    wanted_region, recipient = body.get("region"), body.get("to")
    found = [
        _shown(record, region)
        for (owner, region, _), records in ses._sent_emails.all_items()
        if owner == account and wanted_region in (None, region)
        for record in list(records)
        if recipient is None or recipient in [*record["To"], *record["CC"], *record["BCC"]]
    ]
    return {"mails": sorted(found, key=lambda mail: float(mail["at"]))}


def forget_mails(body: Body) -> Body:
    """`mails/clear`: forget what an account has sent."""
    (account,) = need(body, "account")
    boxes = [records for (owner, _, _), records in ses._sent_emails.all_items() if owner == account]
    cleared = sum(len(records) for records in boxes)
    for records in boxes:
        records.clear()
    return {"cleared": cleared}
