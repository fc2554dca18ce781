"""What the chat keeps of a member: handed out, or erased as far as it may be and can be."""

from __future__ import annotations

from datetime import datetime, timedelta

from ivs_chat.message_log import messages_of
from ivs_chat.person_table import Outcome, PersonTable
from ivs_chat.settings import settings
from shared.privacy import Erased, Exported, Kept, Person, privacy
from shared.telemetry import logger

people = PersonTable(settings().chat_table)


def export(person: Person) -> Exported:
    """The member's name, bans, what moderators did to them or they did as one, and what they said."""
    if person.member is None:
        return Exported(documents={})
    documents = people.documents(person.member)
    log = settings().message_log
    if messages := list(messages_of(log, person.member)) if log else []:
        documents["messages"] = messages
    return Exported(documents=documents)


def erase(person: Person, now: datetime) -> Erased:
    """Forget the member; a ban that holds stays without a name, and the room's log ends by itself."""
    if person.member is None:
        return Erased(erased=0)
    outcome = people.erase(person.member, now)
    logger.info("member of the chat erased", items=outcome.erased, banned=outcome.banned)
    return Erased(erased=outcome.erased, kept=(*_ban(outcome), *_log(now)))


def _ban(outcome: Outcome) -> tuple[Kept, ...]:
    if not outcome.banned:
        return ()
    until = f"until {outcome.until:%Y-%m-%d %H:%M} UTC" if outcome.until else "until it is lifted"
    why = f"it would be no ban if one could have it erased; by the account's id alone, {until}"
    return (Kept(what="ban from the chat", count=1, why=why),)


def _log(now: datetime) -> tuple[Kept, ...]:
    """Said whether anything was written or not: to find out, the whole log had to be read."""
    if not settings().message_log:
        return ()
    last = (now + timedelta(days=settings().log_retention_days)).date()
    why = f"CloudWatch Logs erases no single line; the last are gone by {last}"
    return (Kept(what="messages in the room's log, if any were written", why=why),)


handler = privacy(export, erase)
