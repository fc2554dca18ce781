"""The functions of polls behind their routes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from tests.lambdas.functions import MEMBER, NOW, Answer, Functions

CLOSES_AT = NOW + timedelta(hours=2)
NEW = {
    "question": "Which honey next?",
    "options": ["Acacia", "Heather", "Lime tree"],
    "closes_at": CLOSES_AT.isoformat(),
}


@dataclass
class Polls(Functions):
    """The functions behind their routes, and the table."""

    client: Any = None

    def create(self, **fields: Any) -> dict[str, Any]:
        """A new poll like `NEW` with these fields, as operators see it."""
        answer = self.manage("POST", "", {**NEW, **fields})
        assert answer.status == 201, answer.body
        return dict(answer.body)

    def manage(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Call one of the managers' routes, as an operator unless said otherwise."""
        who = {"operator": True} if "member" not in options else {}
        root = "/operator/polls" if who else "/admin/polls"
        return self.call("manage_polls", method, root + path, body, **who, **options)

    def vote(self, poll: str, choice: list[str], member: str = MEMBER) -> Answer:
        """Vote as a member."""
        path = f"/polls/{poll}/votes/mine"
        return self.call("member_votes", "POST", path, {"choice": choice}, member=member)

    def token(self, ip: str = "203.0.113.77", **options: Any) -> Answer:
        """Ask for a guest token from this address."""

        def change(event: dict[str, Any]) -> None:
            event["requestContext"]["http"]["sourceIp"] = ip

        return self.call("guest_votes", "POST", "/polls/guest-token", change=change, **options)

    def guest_vote(self, poll: str, choice: list[str], token: str | None) -> Answer:
        """Vote as a guest."""
        path = f"/polls/{poll}/votes"
        return self.call("guest_votes", "POST", path, {"choice": choice}, headers=bearer(token))

    def show(self, poll: str, *, token: str | None = None, member: str | None = None) -> Answer:
        """Look at a poll."""
        path = f"/polls/{poll}/votes/mine" if member else f"/polls/{poll}"
        return self.call("show_polls", "GET", path, member=member, headers=bearer(token))

    def tidy(self) -> None:
        """Call the function in the background as the schedule does."""
        self.later("tidy_polls", {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})

    def privacy(self, action: str, **person: str) -> Any:
        """What polls keep of a person, or that it is erased."""
        return self.later("polls_privacy", {"action": action, "person": person})

    def later(self, function: str, event: Any) -> Any:
        """Call a function in the background, at the moment of `now`."""

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return self.now.astimezone(tz)

        with patch("shared.background.datetime", Clock):
            return self.invoke(function, event)

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        """The table's items whose sk begins so."""
        found = self.client.scan(TableName="polls")["Items"]
        return [item for item in found if item["sk"]["S"].startswith(prefix)]


def bearer(token: str | None) -> dict[str, str]:
    """The header that carries a guest token."""
    return {"authorization": f"Bearer {token}"} if token else {}


def counts(answer: Answer) -> list[int | None]:
    """Voters, and votes of each option, of a poll that was shown."""
    shown = answer.body.get("poll", answer.body)
    return [shown["voters"], *(option["votes"] for option in shown["options"])]
