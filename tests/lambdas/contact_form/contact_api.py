"""The contact form's functions behind their routes, and what SES is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from tests.lambdas.functions import Answer, Functions

FORM = {
    "name": "Beate Biene",
    "email": "Beate.Biene@honey.example",
    "subject": "Your stream of Tuesday",
    "message": "Hello Kasper,\n\nwhich honey was that?\nBeate",
}


@dataclass
class Mailbox:
    """SES: takes messages, or refuses them with the code `refuses`."""

    refuses: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    tried: int = 0

    def send_email(self, **message: Any) -> dict[str, str]:
        """SendEmail."""
        self.tried += 1
        if self.refuses:
            error = {"Code": self.refuses, "Message": "Beate.Biene@honey.example is not verified"}
            raise ClientError({"Error": error}, "SendEmail")
        self.sent.append(message)
        return {"MessageId": "0100"}


@dataclass
class Contact(Functions):
    """The functions behind their routes, the table, and the mailbox."""

    client: Any = None
    mailbox: Mailbox = field(default_factory=Mailbox)

    def post(
        self,
        *,
        headers: dict[str, str] | None = None,
        ip: str = "203.0.113.77",
        agent: str | None = None,
        **fields: Any,
    ) -> Answer:
        """Send in a message like `FORM` with these fields; a field that is None is left out."""

        def change(event: dict[str, Any]) -> None:
            event["requestContext"]["http"]["sourceIp"] = ip
            if agent is not None:
                event["requestContext"]["http"]["userAgent"] = agent

        body = {name: value for name, value in {**FORM, **fields}.items() if value is not None}
        return self.call("post_message", "POST", "/contact", body, headers=headers, change=change)

    def waiting(self, **options: Any) -> Answer:
        """Ask as an operator what waits."""
        return self.call("count_undelivered", "GET", "/contact/undelivered", **{"operator": True, **options})

    def messages(self) -> list[dict[str, Any]]:
        """The messages in the table, as DynamoDB has them."""
        return [item for item in self.items() if item["pk"]["S"] == "MESSAGE"]

    def items(self) -> list[dict[str, Any]]:
        """All items of the table."""
        return list(self.client.scan(TableName="contact")["Items"])

    def stream(self, *ids: str) -> None:
        """Call the function in the background as the table's stream does for these new messages."""
        records = [
            {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "MESSAGE"}, "sk": {"S": message_id}}}}
            for message_id in ids or [item["sk"]["S"] for item in self.messages()]
        ]
        self._in_background({"Records": records})

    def hourly(self) -> None:
        """Call the function in the background as the schedule does."""
        self._in_background({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})

    def _in_background(self, event: dict[str, Any]) -> None:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return self.now.astimezone(tz)

        with patch("shared.background.datetime", Clock):
            self.invoke("deliver_messages", event)
