from __future__ import annotations

import json

import pytest

from shared import telemetry


def test_faults_are_counted_for_their_service_and_for_the_creator(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry, "_CREATOR", "kasper")
    telemetry.count_fault()
    telemetry.count_fault()
    telemetry.metrics.flush_metrics()
    telemetry.count("MailsSent")
    telemetry.metrics.flush_metrics()
    faults, mails = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    (written,) = faults["_aws"]["CloudWatchMetrics"]
    assert written["Dimensions"] == [["service"], ["creator"]]
    assert (faults["creator"], faults["Faults"]) == ("kasper", [1.0, 1.0])
    assert mails["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
