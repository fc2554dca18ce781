"""The newsletter's functions behind their routes, what SES is given, and what lies on the queue."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from tests.lambdas.functions import Answer, Functions

ASK: dict[str, Any] = {"email": "Beate.Biene@honey.example", "topics": ["news"]}
LETTER = {"subject": "Honey in May", "text": "# Hello\n\nThere is *honey*.", "topics": ["news"]}
LETTERS = "/operator/newsletter/letters"


class KilledError(BaseException):
    """The function's process has ended in the middle of its work."""


@dataclass
class Mailbox:
    """SES: takes mails; `before` and `after` may raise instead, by the number of the mail."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    tried: int = 0
    before: Callable[[int], None] = lambda number: None
    after: Callable[[int], None] = lambda number: None

    def send_email(self, **message: Any) -> dict[str, str]:
        """SendEmail."""
        self.tried += 1
        self.before(self.tried)
        self.sent.append(message)
        self.after(self.tried)
        return {"MessageId": "0100"}

    def to(self, address: str) -> list[dict[str, Any]]:
        """What was sent to an address."""
        return [mail for mail in self.sent if mail["Destination"]["ToAddresses"] == [address]]

    def receivers(self) -> list[str]:
        """Everybody who was written to, as often as they were."""
        return sorted(mail["Destination"]["ToAddresses"][0] for mail in self.sent)


def refusal(code: str, message: str = "", status: int = 400) -> ClientError:
    """What SES answers that does not send."""
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "SendEmail"
    )


@dataclass
class Queue:
    """SQS."""

    messages: list[str] = field(default_factory=list)

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        """SendMessageBatch."""
        assert QueueUrl
        assert len({entry["Id"] for entry in Entries}) == len(Entries) <= 10
        self.messages += [entry["MessageBody"] for entry in Entries]
        return {"Successful": Entries}


@dataclass
class Newsletter(Functions):
    """The functions behind their routes, the table, the queue and the mailbox."""

    client: Any = None
    mailbox: Mailbox = field(default_factory=Mailbox)
    queue: Queue = field(default_factory=Queue)

    def ask(self, *, ip: str = "203.0.113.77", agent: str | None = None, **fields: Any) -> Answer:
        """Ask for letters as `ASK` with these fields; a field that is None is left out."""

        def change(event: dict[str, Any]) -> None:
            event["requestContext"]["http"]["sourceIp"] = ip
            if agent is not None:
                event["requestContext"]["http"]["userAgent"] = agent

        body = {name: value for name, value in {**ASK, **fields}.items() if value is not None}
        return self.call("subscriptions", "POST", "/newsletter/subscriptions", body, change=change)

    def confirm(self, token: str) -> Answer:
        """Press the button that the link in the letter leads to."""
        path = "/newsletter/subscriptions/confirm"
        return self.call("subscriptions", "POST", path, {"token": token})

    def subscribe(self, email: str = ASK["email"], *topics: str) -> str:
        """Become a subscriber; the token of the letter that asked."""
        number = len(self.items("PENDING#")) + len(self.items("SUBSCRIBER#"))
        assert self.ask(email=email, topics=list(topics) or ["news"], ip=f"203.0.113.{number}").status == 202
        self.stream()
        token = confirm_token(self.mailbox.sent[-1])
        assert self.confirm(token).status == 200
        return token

    def unsubscribe(self, token: str, **options: Any) -> Answer:
        """Post to the address in the header List-Unsubscribe as mail programs do."""
        form = {"content-type": "application/x-www-form-urlencoded"}
        return self.call(
            "subscriptions", "POST", "/newsletter/unsubscribe", "List-Unsubscribe=One-Click",
            query={"token": token}, headers=form, **options,
        )  # fmt: skip

    def letters(self, method: str, path: str = "", body: Any = None, **options: Any) -> Answer:
        """Do something with letters as an operator."""
        return self.call("edit_letters", method, f"{LETTERS}{path}", body, **{"operator": True, **options})

    def write(self, **fields: Any) -> dict[str, Any]:
        """A new draft."""
        answer = self.letters("POST", "", {**LETTER, **fields})
        assert answer.status == 201, answer.body
        return dict(answer.body)

    def send(self, **fields: Any) -> str:
        """Write a letter, send it, and let it become jobs; its id."""
        letter = self.write(**fields)
        assert self.letters("POST", f"/{letter['id']}/send", {"version": 1}).status == 200
        self.fan_out(letter["id"])
        return str(letter["id"])

    def shown(self, letter_id: str) -> dict[str, Any]:
        """A letter as it is now."""
        return dict(self.letters("GET", f"/{letter_id}").body)

    def figures(self, letter_id: str) -> dict[str, int]:
        """The figures of a letter that are not zero."""
        return {name: number for name, number in self.shown(letter_id)["figures"].items() if number}

    def lists(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Do something with lists as an operator."""
        return self.call(
            "subscriber_lists", method, f"/newsletter/{path}", body, **{"operator": True, **options}
        )

    def stream(self) -> None:
        """Call the function in the background as the table's stream does for everybody who has asked."""
        records = [_record(item["pk"]["S"], "PENDING") for item in self.items("PENDING#")]
        if records:
            self.in_background("send_confirmations", {"Records": records})

    def fan_out(self, letter_id: str) -> None:
        """Call the function in the background as the table's stream does for a letter."""
        self.in_background("fan_out_letter", {"Records": [_record(f"LETTER#{letter_id}", "LETTER")]})

    def on_time(self) -> None:
        """Call the function in the background as the schedule does."""
        self.in_background("fan_out_letter", {"detail-type": "Scheduled Event", "detail": {}})

    def deliver(self, body: str) -> bool:
        """Hand one message to a sender; whether it stays on the queue."""
        event = {"Records": [{"messageId": "1", "body": body}]}
        return bool(self.in_background("send_letters", event)["batchItemFailures"])

    def work_off(self) -> None:
        """Hand every message to a sender, once; what goes back lies on the queue after it."""
        waiting, self.queue.messages = self.queue.messages, []
        self.queue.messages += [body for body in waiting if self.deliver(body)]

    def feedback(
        self, mail: dict[str, Any], kind: str = "Permanent", *, feedback_id: str = "f1", **tags: str
    ) -> None:
        """Tell what SES tells of a mail: a bounce of this type, or a `complaint`."""
        own = {tag["Name"]: [tag["Value"]] for tag in mail["EmailTags"]}
        told: dict[str, Any] = {"feedbackId": feedback_id}
        detail: dict[str, Any] = {
            "mail": {"tags": {**own, **{name: [value] for name, value in tags.items()}}}
        }
        if kind == "complaint":
            detail |= {"eventType": "Complaint", "complaint": told}
        else:
            detail |= {"eventType": "Bounce", "bounce": {**told, "bounceType": kind}}
        self.in_background("record_feedback", {"source": "aws.ses", "detail": detail})

    def privacy(self, action: str, email: str | None = ASK["email"], **person: str) -> Any:
        """Ask for a person's data, or erase it."""
        asked = {"action": action, "person": {"email": email, **person}}
        return self.in_background("newsletter_privacy", asked)

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        """The items of the table whose pk begins so, as DynamoDB has them."""
        pages = self.client.get_paginator("scan").paginate(TableName="newsletter")
        return [item for page in pages for item in page["Items"] if item["pk"]["S"].startswith(prefix)]

    def in_background(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function as AWS does."""

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return self.now.astimezone(tz)

        with patch("shared.background.datetime", Clock):
            return self.invoke(function, event)


def confirm_token(mail: dict[str, Any]) -> str:
    """The token of a mail that asks for confirmation."""
    found = re.search(r"#confirm=([\w-]+)", mail["Content"]["Simple"]["Body"]["Text"]["Data"])
    assert found, json.dumps(mail)
    return found[1]


def headers_of(mail: dict[str, Any]) -> dict[str, str]:
    """The headers of a mail that are its own."""
    return {header["Name"]: header["Value"] for header in mail["Content"]["Simple"]["Headers"]}


def manage_token(mail: dict[str, Any]) -> str:
    """The token of a letter."""
    found = re.search(r"token=([\w-]+)>", headers_of(mail)["List-Unsubscribe"])
    assert found
    return found[1]


def _record(pk: str, sk: str) -> dict[str, Any]:
    return {"eventName": "MODIFY", "dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}}}
