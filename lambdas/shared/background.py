"""Functions that no request waits for: schedules, events, streams, triggers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.region import takes_writes
from shared.telemetry import count_fault, log_fault, logger, metrics

Result = TypeVar("Result")


def background(
    work: Callable[[dict[str, Any], datetime], Result],
) -> Callable[[dict[str, Any], LambdaContext], Result | None]:
    """The function that Lambda calls, from one of an event and the moment of now in UTC.

    An error is logged without what it quotes, counted, and raised on, so that AWS tries again and at last
    puts the event into the creator's queue of failures. What is called on time waits for its next turn while
    the creator's other region takes writes.
    """

    @logger.inject_lambda_context(clear_state=False)
    def handler(event: dict[str, Any], context: LambdaContext) -> Result | None:
        try:
            if event.get("detail-type") == "Scheduled Event" and not takes_writes():
                logger.info("the other region takes writes")
                return None
            return work(event, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - raised on, under a name that quotes nothing
            log_fault(error)
            count_fault()
            raise BackgroundError(type(error).__qualname__) from None
        finally:
            if metrics.metric_set:
                metrics.flush_metrics()

    return handler


class BackgroundError(Exception):
    """What failed in the background, named by its type alone: Lambda logs the text of what is raised."""
