"""What the other modules keep of a member: each is asked by its own function `<slug>-<module>-privacy`.

They are asked four at a time, and waited for as long as API Gateway waits for us. One that fails keeps the
others from nothing: what they erase is erased, and all of it can be asked for again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.privacy import Asked, Erased, Exported, TooLargeError
from shared.problems import ProblemError
from shared.telemetry import count, log_fault, logger
from user_auth.export import Documents, person_of, too_large
from user_auth.model import Account

if TYPE_CHECKING:
    from types_boto3_lambda.client import LambdaClient

AT_ONCE = 4
"""A new account runs ten functions at once, and the site needs some of them
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""

WAIT_S = 12
"""For each: eight modules are done in two rounds, of the 30 seconds that API Gateway waits. The rest is for
the user pool, and for a start of this function
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html)."""

# A call that was sent is sent once: what takes longer goes on by itself, and is done when it is asked again.
CLIENT: LambdaClient = boto3.client(
    "lambda", config=Config(connect_timeout=2, read_timeout=WAIT_S, retries={"total_max_attempts": 1})
)


@dataclass
class _Answers:
    """What came back, by module, and who failed."""

    given: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    too_large: bool = False


def export_from(modules: Sequence[str], account: Account) -> dict[str, Documents]:
    """The other modules' documents of a member.

    Raises:
        ProblemError: 503, one of them cannot tell now, or has more than an answer can hold.
    """
    answers = _ask(modules, "export", account)
    if answers.too_large:
        raise too_large()
    if answers.failed:
        raise _failed(
            answers,
            "export-incomplete",
            "Not all of it can be had now",
            "A part of the site did not tell what it keeps. Try again in a minute; if that does not help, "
            "ask whoever runs the site.",
        )
    return {
        module: {kind: list(found) for kind, found in Exported.model_validate(answer).documents.items()}
        for module, answer in answers.given.items()
    }


def erase_from(modules: Sequence[str], account: Account) -> None:
    """Have the other modules forget a member.

    Raises:
        ProblemError: 503, one of them has not done it yet; the others have, and asking again is safe.
    """
    answers = _ask(modules, "erase", account)
    for module, answer in answers.given.items():
        erased = Erased.model_validate(answer)
        logger.info("module erased", asked=module, erased=erased.erased, kept=len(erased.kept))
    if answers.failed:
        raise _failed(
            answers,
            "deletion-incomplete",
            "Not everything is deleted yet",
            "A part of the site has not deleted what it keeps, so your account is still there. Send the "
            "request again in a minute; if that does not help, ask whoever runs the site.",
        )


def _ask(modules: Sequence[str], action: Literal["export", "erase"], account: Account) -> _Answers:
    answers = _Answers()
    event = Asked(action=action, person=person_of(account)).model_dump_json().encode()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        asked = {module: threads.submit(_invoke, module, event) for module in modules}
    for module, answer in asked.items():
        try:
            answers.given[module] = answer.result()
        except TooLargeError:
            answers.too_large = True
            answers.failed.append(module)
        except (ClientError, BotoCoreError, _ModuleError) as error:
            log_fault(error)
            answers.failed.append(module)
    return answers


def _invoke(module: str, event: bytes) -> Any:
    """What a module's function returns."""
    answer = CLIENT.invoke(FunctionName=f"{os.environ['CREATOR_SLUG']}-{module}-privacy", Payload=event)
    result = json.loads(answer["Payload"].read())
    if not answer.get("FunctionError"):
        return result
    if result.get("errorMessage") == TooLargeError.__qualname__:
        raise TooLargeError
    raise _ModuleError


class _ModuleError(Exception):
    """A module's function ended in an error, which its own log tells of."""


def _failed(answers: _Answers, name: str, title: str, detail: str) -> ProblemError:
    logger.warning("modules failed", modules=answers.failed)
    count("ModulesFailed", len(answers.failed))
    return ProblemError(503, name, title, detail, headers={"Retry-After": "60"}, modules=answers.failed)
