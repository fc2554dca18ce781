"""Lambda: event source mappings on DynamoDB streams.

Upstream calls one function after the other, whoever's they are, so that a slow one holds all others up; a
batch that fails is repeated for ever; reported failures, retry limits and bisecting are stored and not used
(https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import dynamodb, lambda_svc

Record = dict[str, Any]

PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
"""Between tries of a batch; the pause doubles each time."""


@dataclass(frozen=True)
class Mapping:
    """One mapping of the account and region of the call.

    Attributes:
        record: ministack's record of it.
        table: whose stream it reads.
    """

    record: Record
    table: str

    @property
    def id(self) -> str:
        """Its UUID."""
        return str(self.record["UUID"])

    def function(self) -> Record | None:
        """The function it calls, or None when it has nothing to do any more."""
        if not self.record.get("Enabled", True) or lambda_svc._esms.get(self.id) is not self.record:
            return None
        found, config = lambda_svc._get_func_record_for_qualifier(
            self.record["FunctionName"], self.record.get("Qualifier")
        )
        return lambda_svc._execution_record_for_config(found, config) if found else None

    def is_spent(self, batch: list[Record], retries: int) -> str | None:
        """Why a batch is given up after so many retries, in AWS' word; None to go on."""
        age, most = self.record.get("MaximumRecordAgeInSeconds"), self.record.get("MaximumRetryAttempts")
        oldest = min(float(record["dynamodb"]["ApproximateCreationDateTime"]) for record in batch)
        if age is not None and int(age) >= 0 and time.time() - oldest > int(age):
            return "RecordAgeExceeded"
        return "RetryAttemptsExhausted" if most is not None and 0 <= int(most) <= retries else None


def _first_failure(mapping: Mapping, batch: list[Record], result: Record) -> int:
    """Index of the first record that has to be tried again; the batch's length where all is well."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (mapping.record.get("FunctionResponseTypes") or []):
        return len(batch)
    answer = result.get("body")
    if isinstance(answer, str | bytes):
        answer = json.loads(answer or "null")
    reported = (answer.get("batchItemFailures") if isinstance(answer, dict) else None) or []
    numbers = [str(record["dynamodb"]["SequenceNumber"]) for record in batch]
    indexes = [
        numbers.index(number) if (number := str(failure.get("itemIdentifier"))) in numbers else 0
        for failure in reported
    ]
    return min(indexes, default=len(batch))


def _process(mapping: Mapping, batch: list[Record]) -> bool:
    """Call the function until a batch is done or given up; False when the mapping was taken away."""
    retries = 0
    while batch:
        function = mapping.function()
        if function is None:
            return False
        result = lambda_svc._execute_function(function, {"Records": batch})
        failed = _first_failure(mapping, batch, result)
        if failed:
            batch, retries = batch[failed:], 0
            continue
        if len(batch) > 1 and mapping.record.get("BisectBatchOnFunctionError"):
            half = len(batch) // 2
            return _process(mapping, batch[:half]) and _process(mapping, batch[half:])
        if reason := mapping.is_spent(batch, retries):
            stream = mapping.record["EventSourceArn"]
            lambda_svc._send_ddb_stream_failure_record(
                mapping.record, function, batch, stream, result, reason
            )
            return True
        time.sleep(min(PAUSE_SECONDS * 2**retries, LONGEST_PAUSE_SECONDS))
        retries += 1
    return True


def _work(mapping: Mapping, position: int, batch: list[Record], account: str, region: str) -> None:
    with request_scope(account, region):
        wanted = lambda_svc._apply_filter_criteria(batch, mapping.record)
        if not wanted or _process(mapping, wanted):
            lambda_svc._dynamodb_stream_positions[mapping.id] = position + len(batch)
            mapping.record["LastProcessingResult"] = "OK"


def _mapping(record: Record) -> Mapping | None:
    """The mapping, where it is one on a stream that is on."""
    source = parse_arn(record.get("EventSourceArn") or "arn:aws:none:::none")
    if source.service != "dynamodb":
        return None
    place = lambda_svc._dynamodb_stream_table_from_arn_spec(source)
    table = dynamodb._tables.get(place[0]) if place else None
    if not place or not table or table.get("LatestStreamArn") != record["EventSourceArn"]:
        return None
    return Mapping(record, place[0])


def _take(mapping: Mapping) -> bool:
    """Give the next batch to a thread of its own, unless one is in hand; says whether it did."""
    if lambda_svc._esm_inflight.get(mapping.id) or mapping.function() is None:
        return False
    lambda_svc._init_stream_position(
        mapping.id, mapping.record["EventSourceArn"], mapping.record.get("StartingPosition", "LATEST")
    )
    position = max(
        lambda_svc._dynamodb_stream_positions[mapping.id], dynamodb.stream_start_position(mapping.table)
    )
    batch = dynamodb.stream_records_since(mapping.table, position, mapping.record.get("BatchSize", 100))
    if not batch:
        return False
    here = (get_account_id(), get_region())
    lambda_svc._dispatch_esm_batch(mapping.id, _work, mapping, position, batch, *here)
    return True


def poll() -> bool:
    """Look after every mapping of every account and region; says whether any had something to do."""
    busy = False
    for account, region, record in lambda_svc._iter_all_esms():
        with request_scope(account, region):
            mapping = _mapping(record)
            busy = (mapping is not None and _take(mapping)) or busy
    return busy


def install() -> None:
    """Put the repair in place."""
    lambda_svc._poll_dynamodb_streams = poll
