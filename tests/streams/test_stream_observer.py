from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from fleet_tui.aws import AwsDoor
from fleet_tui.problems import FleetError, ProblemKind
from fleet_tui.registry.model import Creator
from fleet_tui.registry.modules import ChannelType, Modules
from fleet_tui.streams.model import StreamStatus
from fleet_tui.streams.observe import StreamObserver

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
FIRST = "st-1AbCdEfGhIjKlMnOpQrStUv"
SECOND = "st-2AbCdEfGhIjKlMnOpQrStUv"
ARN = "arn:aws:ivs:eu-central-1:111122223333:channel/abcd1234EFGH"
KASPER = Creator.model_validate(
    {
        "slug": "kasper",
        "name": "Kasper Kast",
        "domain": "kasper.live",
        "account_id": "111122223333",
        "region": "eu-central-1",
        "contact": "kasper@kasper.live",
        "monthly_budget": 150,
        "modules": {"ivs-streaming": {}},
    }
)
ROW = {
    "channelArn": ARN,
    "streamId": FIRST,
    "state": "LIVE",
    "health": "HEALTHY",
    "viewerCount": 1204,
    "startTime": NOW - timedelta(hours=1),
}
SESSION = {
    "streamId": FIRST,
    "startTime": NOW - timedelta(hours=1),
    "ingestConfigurations": {
        "videoConfigurations": [
            {
                "encoder": "OBS",
                "codec": "avc1",
                "videoWidth": 640,
                "videoHeight": 360,
                "targetBitrate": 1_000_000,
                "targetFramerate": 30,
            },
            {
                "encoder": "OBS",
                "codec": "avc1",
                "videoWidth": 1920,
                "videoHeight": 1080,
                "targetBitrate": 6_000_000,
                "targetFramerate": 30,
            },
        ],
        "audioConfigurations": [
            {"codec": "mp4a", "channels": 2, "sampleRate": 48_000, "targetBitrate": 160_000}
        ],
    },
    "truncatedEvents": [{"name": "Stream Start", "type": "IVS Stream State Change", "eventTime": NOW}],
}


class Stubbed:
    """The door with stubbed clients; each expected call is used exactly once and in this order per
    service."""

    def __init__(self) -> None:
        self.now = NOW
        self.close_to: set[str] = set()
        self.door = AwsDoor(operator="ana@ops")
        self.observer = StreamObserver(self.door, self.close_to.__contains__, now=lambda: self.now)
        with self.door.entered(KASPER) as account:
            self.ivs = Stubber(account.client("ivs"))
            self.metrics = Stubber(account.client("cloudwatch"))
            self.sts = Stubber(account.client("sts"))
        self.identify()

    def identify(self, account_id: str = "111122223333") -> None:
        arn = f"arn:aws:iam::{account_id}:user/ana"
        self.sts.add_response("get_caller_identity", {"Account": account_id, "Arn": arn, "UserId": "x"})

    def streams(self, *rows: dict[str, Any]) -> Stubbed:
        self.ivs.add_response("list_streams", {"streams": list(rows)}, {})
        return self

    def channels(self, *types: str) -> Stubbed:
        rows = [{"arn": ARN, "name": "kasper", "type": type_} for type_ in types]
        self.ivs.add_response("list_channels", {"channels": rows}, {})
        return self

    def session(self, **changes: Any) -> Stubbed:
        session = {name: value for name, value in {**SESSION, **changes}.items() if value is not None}
        asked = {"channelArn": ARN, "streamId": session["streamId"]}
        self.ivs.add_response("get_stream_session", {"streamSession": session}, asked)
        return self

    def sessions(self, *ids: str) -> Stubbed:
        rows = [{"streamId": id_, "startTime": NOW, "hasErrorEvent": False} for id_ in ids]
        self.ivs.add_response(
            "list_stream_sessions", {"streamSessions": rows}, {"channelArn": ARN, "maxResults": 1}
        )
        return self

    def measured(self, **values: list[float]) -> Stubbed:
        results = [
            {
                "Id": field,
                # CloudWatch gives the newest first unless asked otherwise, and an emulator gives any order.
                "Timestamps": [NOW - timedelta(seconds=5 * age) for age in range(len(points))],
                "Values": list(reversed(points)),
            }
            for field, points in values.items()
        ]
        self.metrics.add_response("get_metric_data", {"MetricDataResults": results})
        return self


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubbed]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOPERATOR")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    made = Stubbed()
    with contextlib.ExitStack() as stack:
        for stubber in (made.ivs, made.metrics, made.sts):
            stack.enter_context(stubber)
        yield made
    made.door.close()


def all_used(stubbed: Stubbed) -> None:
    stubbed.ivs.assert_no_pending_responses()
    stubbed.metrics.assert_no_pending_responses()


@pytest.mark.parametrize(
    "modules", [Modules(), Modules.model_validate({"ivs-streaming": {"enabled": False}})]
)
def test_no_call_is_made_where_the_module_is_off(stubbed: Stubbed, modules: Modules) -> None:
    creator = KASPER.model_copy(update={"modules": modules})
    assert stubbed.observer(creator).status is StreamStatus.NO_CHANNEL


def test_no_channel_yet_and_then_one(stubbed: Stubbed) -> None:
    stubbed.streams().channels().streams().channels("BASIC").sessions()
    assert stubbed.observer(KASPER).status is StreamStatus.NO_CHANNEL
    health = stubbed.observer(KASPER)
    assert (health.status, health.channel_arn) == (StreamStatus.OFFLINE, ARN)
    all_used(stubbed)


def test_offline_costs_one_call_once_the_last_session_is_known(stubbed: Stubbed) -> None:
    ended = NOW - timedelta(days=3)
    stubbed.streams().channels("STANDARD").sessions(FIRST).session(endTime=ended).streams().streams()
    assert [stubbed.observer(KASPER).ended_at for _ in range(3)] == [ended] * 3
    all_used(stubbed)


def test_an_end_that_is_not_told_yet_is_asked_for_again(stubbed: Stubbed) -> None:
    stubbed.streams().channels("STANDARD").sessions(FIRST).session()
    stubbed.streams().sessions(FIRST).session(endTime=NOW)
    assert [stubbed.observer(KASPER).ended_at for _ in range(2)] == [None, NOW]
    all_used(stubbed)


def test_a_healthy_stream_costs_one_call_once_its_ingest_is_known(stubbed: Stubbed) -> None:
    stubbed.streams(ROW).channels("STANDARD").session().measured(bitrate=[6e6], keyframe_interval=[2.0])
    stubbed.streams(ROW).streams(ROW)
    first, second, third = (stubbed.observer(KASPER) for _ in range(3))
    assert first.status is second.status is third.status is StreamStatus.LIVE
    assert third.ingest is not None
    assert (third.ingest.width, third.ingest.encoder, third.viewers) == (1920, "OBS", 1204)
    assert (first.bitrate is None, second.bitrate is None) == (False, True)
    all_used(stubbed)


def test_a_new_stream_is_looked_at_anew(stubbed: Stubbed) -> None:
    stubbed.streams(ROW).channels("STANDARD").session().measured()
    stubbed.streams({**ROW, "streamId": SECOND}).session(streamId=SECOND).measured()
    assert [stubbed.observer(KASPER).stream_id for _ in range(2)] == [FIRST, SECOND]
    all_used(stubbed)


def test_an_ingest_that_is_not_known_yet_is_asked_for_again(stubbed: Stubbed) -> None:
    stubbed.streams(ROW).channels("STANDARD").session(ingestConfigurations=None).measured()
    stubbed.streams(ROW).session().measured().streams(ROW)
    assert [stubbed.observer(KASPER).ingest is None for _ in range(3)] == [True, False, False]
    all_used(stubbed)


def test_the_single_track_answer_of_older_streams(stubbed: Stubbed) -> None:
    single = {"video": {"videoWidth": 1280, "videoHeight": 720}, "audio": {"sampleRate": 44_100}}
    stubbed.streams(ROW).channels("STANDARD").session(
        ingestConfigurations=None, ingestConfiguration=single
    ).measured()
    ingest = stubbed.observer(KASPER).ingest
    assert ingest is not None
    assert (ingest.width, ingest.audio_sample_rate_hz) == (1280, 44_100)


def test_who_is_looked_at_closely_is_measured_each_time(stubbed: Stubbed) -> None:
    stubbed.close_to.add("kasper")
    stubbed.streams(ROW).channels("STANDARD").session().measured(bitrate=[5e6, 6e6], viewers=[10.0])
    stubbed.streams(ROW).session().measured(bitrate=[7e6])
    first, second = stubbed.observer(KASPER), stubbed.observer(KASPER)
    assert first.bitrate is not None
    assert first.bitrate.values == (5e6, 6e6)
    assert first.bitrate.points[-1][0] == NOW.timestamp()
    assert first.viewers_over_time is not None
    assert second.bitrate is not None
    all_used(stubbed)


def test_what_is_not_healthy_is_measured_each_time_until_it_is(stubbed: Stubbed) -> None:
    stubbed.streams(ROW).channels("STANDARD").session().measured(keyframe_interval=[6.1] * 6)
    stubbed.streams(ROW).session().measured(keyframe_interval=[6.1] * 6)
    stubbed.streams(ROW).session().measured(keyframe_interval=[2.0] * 6)
    stubbed.streams(ROW)
    statuses = [stubbed.observer(KASPER).status for _ in range(4)]
    assert statuses == [StreamStatus.UNWELL, StreamStatus.UNWELL, StreamStatus.LIVE, StreamStatus.LIVE]
    all_used(stubbed)


def test_a_starving_stream_is_looked_at_though_its_ingest_is_known(stubbed: Stubbed) -> None:
    stubbed.streams(ROW).channels("STANDARD").session().measured()
    stubbed.streams({**ROW, "health": "STARVING", "viewerCount": -1}).session().measured()
    stubbed.observer(KASPER)
    health = stubbed.observer(KASPER)
    assert (health.status, health.viewers, health.aws_health) == (StreamStatus.UNWELL, None, "STARVING")
    all_used(stubbed)


def test_metrics_are_asked_for_in_one_call(stubbed: Stubbed) -> None:
    asked: list[dict[str, Any]] = []
    with stubbed.door.entered(KASPER) as account:
        account.client("cloudwatch").meta.events.register(
            "before-parameter-build.cloudwatch", lambda params, **_: asked.append(params)
        )
    stubbed.streams(ROW).channels("STANDARD").session().measured()
    stubbed.observer(KASPER)
    (query,) = asked
    names = {one["MetricStat"]["Metric"]["MetricName"] for one in query["MetricDataQueries"]}
    assert names == {"IngestVideoBitrate", "IngestFramerate", "KeyframeInterval", "ConcurrentViews"}
    dimension = query["MetricDataQueries"][0]["MetricStat"]["Metric"]["Dimensions"]
    assert dimension == [{"Name": "Channel", "Value": "abcd1234EFGH"}]
    assert query["EndTime"] - query["StartTime"] == timedelta(minutes=10)


def test_channels_are_read_again_after_a_while(stubbed: Stubbed) -> None:
    stubbed.streams(ROW).channels("STANDARD").session().measured()
    stubbed.streams(ROW).channels("BASIC")
    stubbed.observer(KASPER)
    stubbed.now += timedelta(minutes=16)
    assert [finding.code for finding in stubbed.observer(KASPER).findings] == ["bitrate"]
    all_used(stubbed)


def test_a_channel_type_that_is_new_to_us_sets_no_limit(stubbed: Stubbed) -> None:
    assert "ULTRA" not in set(ChannelType)
    stubbed.streams(ROW).channels("ULTRA").session().measured(bitrate=[9e7])
    assert stubbed.observer(KASPER).findings == ()


def test_nothing_is_looked_at_in_the_wrong_account(stubbed: Stubbed) -> None:
    stubbed.observer(KASPER.model_copy(update={"modules": Modules()}))
    other = KASPER.model_copy(update={"account_id": "444455556666"})
    with pytest.raises(FleetError) as caught:
        stubbed.observer(other)
    assert caught.value.problem.kind is ProblemKind.WRONG_ACCOUNT


def test_what_ivs_refuses_is_a_problem_of_this_creator(stubbed: Stubbed) -> None:
    stubbed.ivs.add_client_error("list_streams", "AccessDeniedException", "no", 403)
    with pytest.raises(FleetError) as caught:
        stubbed.observer(KASPER)
    assert caught.value.problem.sentence.startswith("kasper: ivs: the permission for ListStreams is missing")
