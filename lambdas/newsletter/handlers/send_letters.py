"""In the background: a job's letters go out, one after the other, at this sender's share of the rate.

A job that cannot be ended now goes back to the queue; one whose letter is not being sent any more stays in
the table and comes back when the letter goes on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsletter.composing import letter_to
from newsletter.delivery import GiveUp, Leave, Send, Skip, State, Stop, Wait, next_step
from newsletter.jobs_queue import Job
from newsletter.letter import Letter, StopReason, finished
from newsletter.letters_table import LettersTable
from newsletter.mailing import Outcome, deliver
from newsletter.model import Subscriber
from newsletter.pacing import Pace
from newsletter.secret import keys
from newsletter.settings import settings
from newsletter.stopping import stop
from newsletter.tokens import manage_link
from shared.background import background
from shared.telemetry import count, logger

letters = LettersTable(settings().newsletter_table)
pace = Pace(settings().seconds_per_mail)

_STATES = {Outcome.SENT: State.SENT, Outcome.REFUSED: State.REFUSED, Outcome.UNCLEAR: State.UNCLEAR}
_STOPS = {Outcome.QUOTA: StopReason.QUOTA, Outcome.CLOSED: StopReason.REFUSED}


class LaterError(Exception):
    """The rest of the job has to wait: it goes back to the queue."""


class LetterStoppedError(Exception):
    """The letter is not being sent any more."""


def work(event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Do the jobs of a batch; those that go back are named."""
    back = []
    for record in event["Records"]:
        job = Job.model_validate_json(record["body"])
        try:
            _do(job, now)
        except LaterError:
            logger.warning("job put back", letter=job.letter, job=job.number)
            count("JobsPutBack")
            back.append({"itemIdentifier": record["messageId"]})
        except LetterStoppedError:
            logger.info("job left", letter=job.letter, job=job.number)
    return {"batchItemFailures": back}


def _do(job: Job, now: datetime) -> None:
    people = letters.people(job.letter, job.number)
    for subscriber_id in people:
        _one(job.letter, subscriber_id, now)
    if not people:
        return
    letters.close_job(job.letter, job.number)
    if letters.is_all_done(job.letter):
        letters.change(job.letter, lambda seen: finished(seen, now))
        logger.info("letter sent", letter=job.letter)
        count("LettersFinished")


def _one(letter_id: str, subscriber_id: str, now: datetime) -> None:
    seen = letters.see(letter_id, subscriber_id)
    match next_step(seen, now):
        case Leave():
            raise LetterStoppedError
        case Stop(reason):
            stop(letters, letter_id, reason)
            raise LetterStoppedError
        case Wait():
            raise LaterError
        case GiveUp():
            letters.conclude(letter_id, subscriber_id, State.UNCLEAR, now)
        case Skip():
            letters.skip(letter_id, subscriber_id, now)
        case Send(letter, subscriber):
            if not letters.claim(letter_id, subscriber_id, now):
                raise LaterError
            with pace.keep():
                _send(letter, subscriber, now)


def _send(letter: Letter, subscriber: Subscriber, now: datetime) -> None:
    """Ask SES, and say what came of it."""
    token = keys().token(manage_link(subscriber.id, letter.id))
    message = letter_to(letter, subscriber.language, token, settings())
    tags = {"subscriber": subscriber.id, "letter": letter.id}
    outcome = deliver(subscriber.address, message, tags)
    if outcome in _STATES:
        letters.conclude(letter.id, subscriber.id, _STATES[outcome], now)
    else:
        letters.release(letter.id, subscriber.id)
    if outcome in _STOPS:
        stop(letters, letter.id, _STOPS[outcome])
        raise LetterStoppedError
    if outcome in (Outcome.TOO_FAST, Outcome.UNCLEAR):
        raise LaterError


handler = background(work)
