"""In the background: a letter becomes jobs, each for a few subscribers.

The table's stream tells of a letter that is sent or goes on. Every page of subscribers is planned in one
transaction that also says how far planning is, so that whoever takes it up after a crash goes on where it
ended. Then every job that is not done goes on the queue; one that is there twice does no harm. Every quarter
of an hour letters that have come to a standstill are taken up again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsletter.jobs_queue import Job, enqueue
from newsletter.letter import Letter, Status, finished, in_jobs, is_stalled
from newsletter.letters_table import LettersTable
from newsletter.settings import settings
from newsletter.subscribers_table import SubscribersTable
from shared.background import background
from shared.problems import ProblemError
from shared.telemetry import logger

PAGE = 200
"""Subscribers that are planned at once; their jobs and the note of it fit one transaction."""

PER_JOB = 10
"""Few, so that a sender ends in time at the slowest rate."""

_MOST_LETTERS = 100

letters = LettersTable(settings().newsletter_table)
subscribers = SubscribersTable(settings().newsletter_table)


def work(event: dict[str, Any], now: datetime) -> None:
    """Take up the letters that a batch of the stream names, or those that have come to a standstill."""
    if "Records" in event:
        for record in event["Records"]:
            _take_up(record["dynamodb"]["Keys"]["pk"]["S"].removeprefix("LETTER#"), now)
        return
    under_way, _ = letters.page(Status.SENDING, _MOST_LETTERS, None)
    for letter in under_way:
        if is_stalled(letters.plan(letter.id).moved_at, now):
            logger.warning("letter stood still", letter=letter.id)
            _take_up(letter.id, now)


def _take_up(letter_id: str, now: datetime) -> None:
    try:
        letter = letters.letter(letter_id)
    except ProblemError:  # a draft that was deleted
        return
    if letter.status is not Status.SENDING:
        return
    _plan(letter, now)
    put = enqueue(Job(letter=letter.id, number=number) for number in letters.jobs(letter.id))
    logger.info("jobs put on the queue", letter=letter.id, jobs=put)
    if not put:
        letters.change(letter.id, lambda seen: finished(seen, now))


def _plan(letter: Letter, now: datetime) -> None:
    while not (plan := letters.plan(letter.id)).is_done:
        page, following = subscribers.page(plan.cursor, PAGE)
        wanted = [subscriber.id for subscriber in page if subscriber.wants(letter.topics)]
        letters.add_jobs(letter.id, plan, in_jobs(wanted, PER_JOB), following, now)


handler = background(work)
