"""The director on a real emulator: it plays what is provisioned, and doubles nothing when it plays again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fleet_tui.registry.modules import ChannelType
from fleet_tui.sandbox.director.cast import Member, cast
from fleet_tui.sandbox.director.player import Player
from tests.sandbox.functions import make_api, make_function

pytestmark = pytest.mark.sandbox

ROOT = Path(__file__).parents[2]

BOOKINGS = """
    import json
    from datetime import date, timedelta

    import boto3

    table = boto3.resource("dynamodb").Table("bookings")
    slots = boto3.resource("dynamodb").Table("SLUG-sponsors")
    s3 = boto3.client("s3", config=boto3.session.Config(signature_version="s3v4"))

    def answer(status, body):
        return {"statusCode": status, "body": json.dumps(body)}

    def handler(event, context):
        key, path = event["routeKey"], event.get("pathParameters") or {}
        items = table.scan()["Items"]
        if key == "POST /bookings":
            item = {**json.loads(event["body"]), "id": f"b{len(items)}", "status": "pending"}
            first, last = (date.fromisoformat(item[name]) for name in ("start_day", "end_day"))
            for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
                slots.put_item(
                    Item={"pk": f"SLOT#{item['placement']}#{day}", "sk": "SLOT", "held_until": 9_999_999_999},
                    ConditionExpression="attribute_not_exists(pk) OR held_until < :now",
                    ExpressionAttributeValues={":now": 1_000_000_000},
                )
            table.put_item(Item=item)
            form = s3.generate_presigned_post(Bucket="pictures-ACCOUNT", Key=item["id"])
            return answer(201, {**item, "upload": form})
        if key == "GET /bookings":
            wanted = event["queryStringParameters"]["status"]
            listed = s3.list_objects_v2(Bucket="pictures-ACCOUNT").get("Contents", [])
            sent = {entry["Key"] for entry in listed}
            shown = [
                {**i, "version": 3, "creative": {"state": "ready" if i["id"] in sent else "missing"}}
                for i in items
                if i["status"] == wanted
            ]
            return answer(200, {"bookings": shown, "next_cursor": None})
        if key == "GET /sponsors/active":
            shown = {i["placement"]: i for i in items if i["status"] == "approved"}
            return answer(200, {"day": "today", "sponsors": shown})
        if key == "PUT /bookings/{id}/approve":
            (item,) = [i for i in items if i["id"] == path["id"]]
            assert json.loads(event["body"]) == {"version": 3}
            table.put_item(Item={**item, "status": "approved"})
            return answer(200, item)
        table.put_item(Item={"id": context.aws_request_id, "status": "track", "path": event["rawPath"],
                             "agent": event["headers"]["user-agent"]})
        return {"statusCode": 204}
"""

ROUTES = {
    "POST /bookings": "NONE", "POST /bookings/{id}/creative": "NONE", "GET /bookings": "AWS_IAM",
    "PUT /bookings/{id}/approve": "AWS_IAM",
    "GET /sponsors/active": "NONE",
    "POST /sponsors/{id}/track/view": "NONE", "POST /sponsors/{id}/track/click": "NONE",
}  # fmt: skip


def make_member(slug, account, **changes):
    values = {
        "slug": slug,
        "domain": f"{slug}.live",
        "account_id": account,
        "region": "eu-central-1",
        "budget": Decimal(100),
        "channel_type": ChannelType.STANDARD,
        "placements": ("creator", "left", "top"),
        "max_days": 30,
    }
    return Member(**{**values, **changes})


def provision_bookings(client, account, slug):
    client("s3").create_bucket(
        Bucket=f"pictures-{account}", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    client("dynamodb").create_table(
        TableName=f"{slug}-sponsors", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )  # fmt: skip
    client("dynamodb").create_table(
        TableName="bookings", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    make_api(
        client,
        make_function(client, "bookings", BOOKINGS.replace("SLUG", slug).replace("ACCOUNT", account)),
        ROUTES,
    )


def items(client):
    return client("dynamodb").scan(TableName="bookings")["Items"]


def statuses(client):
    return Counter(item["status"]["S"] for item in items(client))


@pytest.fixture
def play(emulator):
    """`play(member, …)`: a director of these members on the emulator."""
    players = []

    def make(*members, **options):
        players.append(Player(members, emulator.url, 7, **options))
        return players[-1]

    yield make
    for player in players:
        player.close()


def test_the_cast_is_the_fleet_without_who_cannot_be_read():
    members = {member.slug: member for member in cast(ROOT / "creators")}

    assert len(members) == 11
    assert "ron-rune" not in members
    assert members["mina-moor"].channel_type is ChannelType.BASIC
    assert members["nova-nord"].channel_type is None
    assert members["theo-tal"].placements == ()
    assert members["pia-prisma"].placements == ("creator", "left", "right")


def test_an_account_with_nothing_in_it_is_left_alone(play, emulator, client, account):
    player = play(make_member("kasper", account))

    assert player.play_once() == 0
    assert client("ivs").list_channels()["channels"] == []


def test_the_standard_scene_of_a_live_channel(play, emulator, client, account):
    client("ivs").create_channel(name="main")
    player = play(make_member("kasper", account))

    assert player.play_once() == 1

    (stream,) = client("ivs").list_streams()["streams"]
    age = datetime.now(UTC) - stream["startTime"]
    assert timedelta(seconds=4360) <= age < timedelta(seconds=4420)
    assert stream["viewerCount"] == pytest.approx(1200, rel=0.15)
    session = client("ivs").get_stream_session(channelArn=stream["channelArn"])["streamSession"]
    assert session["ingestConfigurations"]["videoConfigurations"][0]["targetBitrate"] == 5_900_000
    channel = {"Name": "Channel", "Value": stream["channelArn"].rsplit("/", 1)[1]}
    stat = {
        "Metric": {"Namespace": "AWS/IVS", "MetricName": "IngestVideoBitrate", "Dimensions": [channel]},
        "Period": 60,
        "Stat": "Average",
    }
    now = time.time()
    (result,) = client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "a", "MetricStat": stat}], StartTime=now - 3600, EndTime=now
    )["MetricDataResults"]
    assert len(result["Values"]) >= 55
    assert all(value == pytest.approx(5_900_000, rel=0.05) for value in result["Values"])


def test_a_stream_that_starves_when_the_story_begins(play, emulator, client, account):
    client("ivs").create_channel(name="main")
    play(make_member("otto-okto", account)).play_once()

    (stream,) = client("ivs").list_streams()["streams"]
    events = client("ivs").get_stream_session(channelArn=stream["channelArn"])["streamSession"][
        "truncatedEvents"
    ]
    assert stream["health"] == "STARVING"
    assert [event["name"] for event in events] == ["Starvation Start", "Stream Start", "Session Created"]


def test_streams_start_starve_recover_and_end_with_the_story(play, emulator, client, account):
    arn = client("ivs").create_channel(name="main")["channel"]["arn"]
    otto = play(make_member("otto-okto", account))
    for minute in range(24):
        otto.play(minute)
    theo = play(make_member("theo-tal", account, placements=()))
    theo.play(40)

    names = [
        e["name"]
        for e in client("ivs").get_stream_session(channelArn=arn)["streamSession"]["truncatedEvents"]
    ]
    assert names[::-1] == [
        "Session Created", "Stream Start", "Starvation Start", "Starvation End", "Starvation Start",
        "Stream End", "Session Ended",
    ]  # fmt: skip
    assert client("ivs").list_streams()["streams"] == []


def test_a_stream_that_has_ended_hours_ago(play, emulator, client, account):
    arn = client("ivs").create_channel(name="main")["channel"]["arn"]
    player = play(make_member("emil-esker", account, placements=()))
    player.play_once()
    player.play_once()

    (session,) = client("ivs").list_stream_sessions(channelArn=arn)["streamSessions"]
    assert timedelta(hours=5) <= datetime.now(UTC) - session["endTime"] < timedelta(hours=5, minutes=1)


def test_sponsors_come_through_the_creators_own_api(play, emulator, client, account):
    provision_bookings(client, account, "kasper")
    member = make_member("kasper", account, channel_type=None)
    play(member).play_once()

    found = statuses(client)
    assert (found["approved"], found["pending"]) == (2, 3)
    assert found["track"] == 14  # 12 views and 2 clicks
    agents = {item["agent"]["S"] for item in items(client) if item["status"]["S"] == "track"}
    assert len(agents) == 12


def test_playing_again_doubles_nothing(play, emulator, client, account):
    client("ivs").create_channel(name="main")
    provision_bookings(client, account, "juno-jade")
    member = make_member("juno-jade", account)
    play(member).play_once()
    bookings = {key: n for key, n in statuses(client).items() if key != "track"}
    month = month_of(client)
    (stream,) = client("ivs").list_streams()["streams"]

    play(member).play_once()

    assert {key: n for key, n in statuses(client).items() if key != "track"} == bookings
    assert month_of(client) == pytest.approx(month, abs=0.05)
    assert [s["streamId"] for s in client("ivs").list_streams()["streams"]] == [stream["streamId"]]


def month_of(client):
    today = datetime.now(UTC).date()
    answer = client("ce", region="us-east-1").get_cost_and_usage(
        TimePeriod={
            "Start": today.replace(day=1).isoformat(),
            "End": (today + timedelta(days=1)).isoformat(),
        },
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
    )
    return float(answer["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"])


def test_an_api_that_is_not_there_to_the_end_yet_does_not_stop_the_streams(play, client, account):
    client("ivs").create_channel(name="main")
    function = make_function(client, "bookings", BOOKINGS)
    make_api(client, function, {"POST /bookings": "NONE", "GET /bookings": "AWS_IAM"})

    play(make_member("kasper", account)).play_once()

    assert len(client("ivs").list_streams()["streams"]) == 1


def test_a_broken_api_does_not_stop_the_streams(play, emulator, client, account):
    client("ivs").create_channel(name="main")
    provision_bookings(client, account, "kasper")
    client("dynamodb").delete_table(TableName="bookings")

    play(make_member("kasper", account)).play_once()

    assert len(client("ivs").list_streams()["streams"]) == 1
    assert month_of(client) > 0


def test_who_is_provisioned_later_joins_in(play, emulator, client, account):
    now = [time.time()]
    player = play(make_member("kasper", account), clock=lambda: now[0])
    player.play(9)
    client("ivs").create_channel(name="main")
    now[0] += 60
    player.play(10)

    assert len(client("ivs").list_streams()["streams"]) == 1
    assert month_of(client) > 0


def test_trouble_in_one_account_leaves_the_others_alone(play, emulator, client, account, other_account):
    for owner in (account, other_account):
        client("ivs", account=owner).create_channel(name="main")
    emulator.call(
        "faults/set",
        {
            "account": account,
            "service": "ivs",
            "operation": "*",
            "status": 403,
            "code": "AccessDeniedException",
            "message": "no",
        },
    )
    try:
        play(make_member("kasper", account), make_member("mina-moor", other_account)).play_once()
    finally:
        emulator.call("faults/clear", {"account": account})

    assert client("ivs").list_streams()["streams"] == []
    assert len(client("ivs", account=other_account).list_streams()["streams"]) == 1


def command(emulator, creators, *more):
    return [
        sys.executable,
        "-m",
        "fleet_tui.sandbox.director",
        "--endpoint",
        emulator.url,
        "--creators",
        str(creators),
        *more,
    ]


@pytest.fixture
def creators(tmp_path, account):
    folder = tmp_path / "creators" / "kasper"
    folder.mkdir(parents=True)
    (folder / "creator.toml").write_text(
        f"""
name = "Kasper Kast"
domain = "kasper.live"
account_id = "{account}"
region = "eu-central-1"
contact = "kasper@kasper.live"
monthly_budget = 150
[modules.ivs-streaming]
"""
    )
    return folder.parent


def test_the_command_plays_once_and_ends(emulator, client, creators):
    client("ivs").create_channel(name="main")

    done = subprocess.run(
        command(emulator, creators, "--once"), cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")
    assert len(client("ivs").list_streams()["streams"]) == 1


def test_the_command_plays_until_it_is_told_to_stop(emulator, client, creators):
    client("ivs").create_channel(name="main")
    process = subprocess.Popen(command(emulator, creators), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert "kasper: a stream started" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
    assert len(client("ivs").list_streams()["streams"]) == 1


COLLECT = """
    import json

    import boto3

    table = boto3.resource("dynamodb").Table("views")

    def handler(event, context):
        table.put_item(Item={"id": context.aws_request_id, **json.loads(event["body"]),
                             "agent": event["headers"]["user-agent"]})
        return {"statusCode": 204}
"""


def provision_rest(client):
    """What counts page views, writes notices and keeps backups."""
    client("dynamodb").create_table(
        TableName="views", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    make_api(client, make_function(client, "collect", COLLECT), {"POST /analytics/collect": "NONE"})
    topic = client("sns").create_topic(Name="notices")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@otto-okto.live")
    backup = client("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    plan = backup.create_backup_plan(
        BackupPlan={"BackupPlanName": "daily", "Rules": [{"RuleName": "d", "TargetBackupVaultName": "vault"}]}
    )["BackupPlanId"]
    role = f"arn:aws:iam::{client('sts').get_caller_identity()['Account']}:role/backup"
    selection = {"SelectionName": "tables", "IamRoleArn": role, "Resources": ["arn:aws:dynamodb:*:*:table/*"]}
    backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)


def test_pages_are_looked_at_mailboxes_answer_and_backups_run_once(play, client, account):
    provision_rest(client)
    options = {"counts_pages": True, "writes_notices": True, "keeps_backups": True}
    member = make_member("otto-okto", account, channel_type=None, placements=(), **options)

    assert play(member).play_once() == 1

    views = client("dynamodb").scan(TableName="views")["Items"]
    assert len({view["agent"]["S"] for view in views}) == 12
    assert {"/", "/live"} < {view["page"]["S"] for view in views}
    (subscription,) = client("sns").list_subscriptions()["Subscriptions"]
    assert subscription["SubscriptionArn"].startswith("arn:aws:sns:")
    points = client("backup").list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
    assert len(points) == 1

    play(member).play_once()

    assert (
        client("backup").list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
        == points
    )
