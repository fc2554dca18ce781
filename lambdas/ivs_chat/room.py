"""The room in Amazon IVS Chat: tokens for people, and what moderators have done in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from ivs_chat.roles import Role

if TYPE_CHECKING:
    from types_boto3_ivschat.client import IvschatClient
    from types_boto3_ivschat.literals import ChatTokenCapabilityType

CLIENT: IvschatClient = boto3.client(
    "ivschat",
    config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}),
)

SESSION_MINUTES = 60
"""After this time a connection needs a new token, which a banned member does not get."""

_WRITE: tuple[ChatTokenCapabilityType, ...] = ("SEND_MESSAGE",)
_MODERATE: tuple[ChatTokenCapabilityType, ...] = ("SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")


class Room:
    """One chat room."""

    def __init__(self, arn: str) -> None:
        self._arn = arn
        self.endpoint = f"wss://edge.ivschat.{arn.split(':')[3]}.amazonaws.com"
        """Where clients connect (https://docs.aws.amazon.com/general/latest/gr/ivs.html)."""

    def guest_token(self, guest_id: str) -> tuple[str, datetime]:
        """A token to read with, and when its session ends."""
        return self._token(guest_id, (), {})

    def member_token(self, member_id: str, display_name: str, role: Role) -> tuple[str, datetime]:
        """A token to take part with, and when its session ends.

        Name and role come with each message of the member; nobody can change them.
        """
        capabilities = _WRITE if role is Role.MEMBER else _MODERATE
        return self._token(member_id, capabilities, {"display_name": display_name, "role": role.value})

    def delete_message(self, message_id: str, reason: str) -> None:
        """Tell everybody's client to take a message away."""
        CLIENT.delete_message(roomIdentifier=self._arn, id=message_id, reason=reason)

    def disconnect(self, member_id: str, reason: str) -> None:
        """End every connection of a member; none is fine, too."""
        try:
            CLIENT.disconnect_user(roomIdentifier=self._arn, userId=member_id, reason=reason)
        except CLIENT.exceptions.ResourceNotFoundException:
            return

    def _token(
        self, user_id: str, capabilities: Sequence[ChatTokenCapabilityType], attributes: dict[str, str]
    ) -> tuple[str, datetime]:
        answer = CLIENT.create_chat_token(
            roomIdentifier=self._arn,
            userId=user_id,
            capabilities=capabilities,
            attributes=attributes,
            sessionDurationInMinutes=SESSION_MINUTES,
        )
        return answer["token"], answer["sessionExpirationTime"]
