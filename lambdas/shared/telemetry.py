"""Logger and metrics, set up once for a process.

Log lines carry identifiers of bookings and counts, never what a person typed or where they came from:
no names, e-mail addresses, URLs, IP addresses or user agents, and no request or response bodies.
"""

from __future__ import annotations

import os
import traceback

from aws_lambda_powertools import Logger, Metrics

_CREATOR = os.environ.get("CREATOR_SLUG", "unknown")
_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "fleet")

logger = Logger(service=_SERVICE, creator=_CREATOR, utc=True)
metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "fleet"), service=_SERVICE)


def count(metric: str, value: int = 1) -> None:
    """Add to a metric of this request; written in the embedded metric format when the request ends."""
    metrics.add_metric(name=metric, unit="Count", value=value)


def count_fault() -> None:
    """Count an unexpected error, for its service and for the creator, whose alarm watches it.

    One alarm for all services costs what one does; the services' own figures say where to look.
    """
    if not metrics.provider.dimension_sets:  # until what was counted is written
        metrics.add_dimensions(creator=_CREATOR)
    count("Faults")


def log_fault(error: BaseException) -> None:
    """Record an unexpected error by its type and the places it went through.

    The message is left out: those of validators and of DynamoDB may quote the data they refuse.
    """
    chain: list[str] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 5:
        chain.append(type(current).__qualname__)
        current = current.__cause__
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    logger.error("unexpected error", error=chain, frames=frames[-12:])
