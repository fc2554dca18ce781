"""`GET /health`: whether this region takes writes. Route 53 sends visitors elsewhere when it does not."""

from __future__ import annotations

import os

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from failover.settings import settings
from shared.api import Api, Call
from shared.problems import ProblemError, read_only
from shared.region import takes_writes
from shared.telemetry import logger


class Health(BaseModel):
    """A region that takes writes."""

    region: str
    home: str


def _not_here() -> ProblemError:
    """503: the second region has no such route, because what the route needs is in the first region alone."""
    return ProblemError(
        503,
        "not-in-this-region",
        "Not available for now",
        "Nothing was changed. Send the request again when the site is back in full.",
        headers={"Retry-After": "600"},
    )


def _unreadable() -> ProblemError:
    return ProblemError(503, "tables-unreadable", "Not available for now", "The tables cannot be read.")


api = Api(otherwise=_not_here())
home = settings().home_region


@api.get("/health", refusals={503: "The other region takes writes, or the tables cannot be read."})
def health(call: Call) -> Health:
    """Whether the tables can be read and this region takes writes."""
    try:
        writes = takes_writes()
    except (BotoCoreError, ClientError) as error:
        logger.warning("the tables cannot be read", error=type(error).__qualname__)
        raise _unreadable() from None
    if not writes:
        raise read_only()
    return Health(region=os.environ["AWS_REGION"], home=home)


handler = api.handler
