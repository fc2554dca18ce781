"""A second region: tables and buckets have what was written in the first, and writes of its own come back."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.sandbox

HOME, SECOND = "eu-central-1", "eu-west-1"


@pytest.fixture
def tables(client):
    """The table `orders` in both regions, with a key of its own in each."""
    home, second = client("dynamodb", region=HOME), client("dynamodb", region=SECOND)
    keys = [client("kms", region=region).create_key()["KeyMetadata"]["Arn"] for region in (HOME, SECOND)]
    home.create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": keys[0]},
    )
    replica = {"RegionName": SECOND, "KMSMasterKeyId": keys[1]}
    home.update_table(TableName="orders", ReplicaUpdates=[{"Create": replica}])
    return home, second, keys


def ids(table):
    return {item["pk"]["S"] for item in table.scan(TableName="orders")["Items"]}


def item(name):
    return {"pk": {"S": name}}


def test_every_kind_of_write_reaches_the_other_region(tables):
    home, second, _ = tables
    home.put_item(TableName="orders", Item=item("put"))
    home.update_item(TableName="orders", Key=item("updated"), UpdateExpression="SET a = :a",
                     ExpressionAttributeValues={":a": {"S": "1"}})  # fmt: skip
    home.batch_write_item(RequestItems={"orders": [{"PutRequest": {"Item": item("batch")}}]})
    home.transact_write_items(TransactItems=[{"Put": {"TableName": "orders", "Item": item("together")}}])
    second.put_item(TableName="orders", Item=item("second"))
    assert ids(home) == ids(second) == {"put", "updated", "batch", "together", "second"}

    home.delete_item(TableName="orders", Key=item("put"))
    second.delete_item(TableName="orders", Key=item("second"))
    assert ids(home) == ids(second) == {"updated", "batch", "together"}


def test_a_replica_has_the_key_that_was_asked_for(tables):
    home, second, keys = tables
    shown = [table.describe_table(TableName="orders")["Table"] for table in (home, second)]
    assert [table["SSEDescription"]["KMSMasterKeyArn"] for table in shown] == keys


def test_a_replica_goes_by_itself(tables):
    home, second, _ = tables
    home.put_item(TableName="orders", Item=item("put"))
    home.update_table(TableName="orders", ReplicaUpdates=[{"Delete": {"RegionName": SECOND}}])
    assert second.list_tables()["TableNames"] == []
    assert ids(home) == {"put"}


def test_objects_and_their_deletion_reach_the_copy_of_a_bucket(client, account):
    home, second = client("s3", region=HOME), client("s3", region=SECOND)
    source, copy = f"pictures-{account}", f"pictures-{account}-standby"
    for s3, name, region in ((home, source, HOME), (second, copy, SECOND)):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "second-region",
        "Priority": 0,
        "Status": "Enabled",
        "Filter": {"Prefix": "media/"},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{copy}"},
    }
    role = f"arn:aws:iam::{account}:role/replication"
    home.put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": role, "Rules": [rule]})

    def copied():
        return [found["Key"] for found in second.list_objects_v2(Bucket=copy).get("Contents", [])]

    home.put_object(Bucket=source, Key="incoming/a.png", Body=b"a")
    home.put_object(Bucket=source, Key="media/a.png", Body=b"a")
    assert copied() == ["media/a.png"]
    assert second.get_object(Bucket=copy, Key="media/a.png")["Body"].read() == b"a"
    home.delete_object(Bucket=source, Key="media/a.png")
    assert copied() == []


def test_a_health_check_keeps_the_regions_that_it_asks_from(client):
    route53 = client("route53")
    regions = ["us-east-1", "eu-west-1", "ap-southeast-1"]
    config = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "api.example",
        "ResourcePath": "/health",
        "Regions": regions,
    }
    made = route53.create_health_check(CallerReference="1", HealthCheckConfig=config)["HealthCheck"]
    assert made["HealthCheckConfig"]["Regions"] == regions
    shown = route53.get_health_check(HealthCheckId=made["Id"])["HealthCheck"]
    assert shown["HealthCheckConfig"]["Regions"] == regions
    route53.update_health_check(HealthCheckId=made["Id"], Regions=["us-west-1", *regions[:2]])
    shown = route53.get_health_check(HealthCheckId=made["Id"])["HealthCheck"]
    assert sorted(shown["HealthCheckConfig"]["Regions"]) == sorted(["us-west-1", *regions[:2]])
