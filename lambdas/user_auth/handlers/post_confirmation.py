"""In the background of the user pool: who has confirmed their sign-up becomes a member."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.background import background
from shared.telemetry import count, logger
from user_auth.model import Group
from user_auth.pool import CLIENT


def work(event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Put a new person into the group of members; a new password changes nothing."""
    if event["triggerSource"] == "PostConfirmation_ConfirmSignUp":
        CLIENT.admin_add_user_to_group(
            UserPoolId=event["userPoolId"], Username=event["userName"], GroupName=Group.MEMBER
        )
        logger.info("member joined")
        count("MembersJoined")
    return event


handler = background(work)
