"""DynamoDB streams and the functions that read them."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.functions import make_function
from tests.sandbox.queues import Queue

pytestmark = pytest.mark.sandbox

SOURCE = """
    import json, os
    import boto3

    def handler(event, context):
        records = [record["dynamodb"] for record in event["Records"]]
        boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
        if os.environ.get("RAISE") and any("bad" in json.dumps(record) for record in records):
            raise ValueError("bad")
        bad = [record["SequenceNumber"] for record in records if "bad" in json.dumps(record)]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}
"""


@pytest.fixture
def queues(client):
    return {name: Queue(client("sqs"), name) for name in ("seen", "failed")}


@pytest.fixture
def table(client):
    """A table with a stream, as `put(key, **attributes)`."""
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )

    def put(key, **attributes):
        texts = {"pk": key, **attributes}
        dynamodb.put_item(TableName="orders", Item={name: {"S": text} for name, text in texts.items()})

    return put


@pytest.fixture
def map_stream(client, table, queues):
    """Let a function read the table's stream from its beginning."""

    def make(environment=None, **settings):
        stream = client("dynamodb").describe_table(TableName="orders")["Table"]["LatestStreamArn"]
        environment = {"SEEN": queues["seen"].url, **(environment or {})}
        client("lambda").create_event_source_mapping(
            EventSourceArn=stream,
            FunctionName=make_function(client, "reader", SOURCE, environment=environment),
            StartingPosition="TRIM_HORIZON",
            DestinationConfig={"OnFailure": {"Destination": queues["failed"].arn}},
            **settings,
        )

    return make


def keys(event):
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]


def test_only_what_the_filter_lets_through_with_both_images(table, queues, map_stream):
    table("1", kind="other")
    table("2", kind="order", price="10")
    table("2", kind="order", price="12")
    pattern = {"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"kind": {"S": ["order"]}}}}

    map_stream(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})

    ((record,),) = [event["Records"] for event in queues["seen"].bodies(1)]
    images = record["dynamodb"]
    assert (record["eventName"], record["eventSource"]) == ("MODIFY", "aws:dynamodb")
    assert (images["OldImage"]["price"], images["NewImage"]["price"]) == ({"S": "10"}, {"S": "12"})


def test_batches_are_as_large_as_asked(table, queues, map_stream):
    for key in "abc":
        table(key)

    map_stream(BatchSize=2)

    assert [keys(event) for event in queues["seen"].bodies(2)] == [["a", "b"], ["c"]]


def test_what_is_reported_is_tried_again_from_there_and_given_up_at_last(table, queues, map_stream):
    for key in ("a", "bad", "c"):
        table(key)

    map_stream(FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1)

    tries = [keys(event) for event in queues["seen"].bodies(3)]
    assert tries == [["a", "bad", "c"], ["bad", "c"], ["bad", "c"]]
    (record,) = queues["failed"].bodies(1)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["DDBStreamBatchInfo"]["batchSize"] == 2
    table("d")
    assert keys(queues["seen"].bodies(1)[0]) == ["d"]


def test_a_batch_that_fails_is_cut_until_the_bad_record_is_alone(table, queues, map_stream):
    for key in ("a", "b", "bad", "d"):
        table(key)

    map_stream({"RAISE": "1"}, BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)

    tries = [keys(event) for event in queues["seen"].bodies(5)]
    assert tries == [["a", "b", "bad", "d"], ["a", "b"], ["bad", "d"], ["bad"], ["d"]]
    assert queues["failed"].bodies(1)[0]["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_transaction_says_which_of_its_conditions_failed(client, table):
    table("1", kind="order")
    new = {"TableName": "orders", "ConditionExpression": "attribute_not_exists(pk)"}
    with pytest.raises(ClientError) as raised:
        client("dynamodb").transact_write_items(
            TransactItems=[
                {"Put": {**new, "Item": {"pk": {"S": "2"}}}},
                {
                    "Put": {
                        **new,
                        "Item": {"pk": {"S": "1"}},
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    }
                },
            ]
        )

    assert raised.value.response["Error"]["Code"] == "TransactionCanceledException"
    reasons = raised.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == {"pk": {"S": "1"}, "kind": {"S": "order"}}
    assert "Item" not in client("dynamodb").get_item(TableName="orders", Key={"pk": {"S": "2"}})
