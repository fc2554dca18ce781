"""In the background of the user pool: the words of its e-mail."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from shared.background import background
from user_auth.message import message_of
from user_auth.settings import settings
from user_auth.texts import KINDS


def work(event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Fill in subject and text; nothing that anybody has typed is part of them."""
    kind = KINDS.get(event["triggerSource"])
    if kind is not None:
        message = message_of(
            kind,
            language=os.environ["CREATOR_LANGUAGE"],
            name=os.environ["CREATOR_NAME"],
            domain=os.environ["CREATOR_DOMAIN"],
            branding=settings().branding,
            code=event["request"]["codeParameter"],
            username=event["request"].get("usernameParameter"),
        )
        event["response"].update(emailSubject=message.subject, emailMessage=message.html)
    return event


handler = background(work)
