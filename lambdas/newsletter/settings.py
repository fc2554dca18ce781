"""What Terraform tells the functions through their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated

from pydantic import Field, Json, StringConstraints

from newsletter.model import Language, TopicId
from shared.environment import FunctionSettings

SAMPLE: Mapping[str, str] = {
    "NEWSLETTER_TABLE": "newsletter",
    "QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/100000000001/newsletter",
    "CONFIGURATION_SET": "kasper-newsletter",
    "TOPICS": '{"news": "News", "streams": "Live streams"}',
    "MAILS_PER_SECOND": "10",
    "SENDERS": "2",
    "IMPRINT": "Kasper Kast, Example Street 1, 12345 Berlin, Germany",
    "API_URL": "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
    "CREATOR_NAME": "Kasper Kast",
    "CREATOR_DOMAIN": "kasper.live",
    "CREATOR_LANGUAGE": "en",
}
"""An environment that is valid, for the published description of the API and for tests."""


class Settings(FunctionSettings):
    """The functions' settings; each field is the environment variable of the same name in capitals.

    Args:
        newsletter_table: name of the table.
        queue_url: of the queue of jobs.
        configuration_set: of SES, whose bounces and complaints are heard.
        topics: what one can subscribe to, by id, as the site names it.
        mails_per_second: letters of all senders together.
        senders: how many senders run at once.
        imprint: who sends letters and where they live.
        api_url: of the HTTP API, for the link in the header List-Unsubscribe.
        creator_name: under letters.
        creator_domain: of the site.
        creator_language: of letters to people who have not said theirs.
    """

    newsletter_table: str = Field(min_length=3)
    queue_url: str = Field(pattern=r"^https?://")
    configuration_set: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    topics: Json[dict[TopicId, Annotated[str, StringConstraints(min_length=1, max_length=60)]]]
    mails_per_second: int = Field(ge=1, le=100)
    senders: int = Field(ge=1, le=100)
    imprint: str = Field(min_length=5, max_length=300)
    api_url: str = Field(pattern=r"^https://[a-z0-9.-]+$")
    creator_name: str
    creator_domain: str
    creator_language: Language

    @property
    def seconds_per_mail(self) -> float:
        """What one sender takes for a letter at least, so that all of them together keep to the rate."""
        return self.senders / self.mails_per_second


@cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.read(os.environ)
