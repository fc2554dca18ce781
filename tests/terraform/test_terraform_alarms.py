"""Every alarm of every module reaches people, and watches something that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_ALARM = re.compile(r'^resource "aws_cloudwatch_metric_alarm" "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
ALARMS = {
    f"{path.parent.name}/{name}": body
    for path in sorted((ROOT / "terraform/modules").glob("*/*.tf"))
    for name, body in _ALARM.findall(path.read_text(encoding="utf-8"))
}


def attribute(body: str, name: str) -> str:
    found = re.search(rf'^\s+{name}\s+= "(.*)"$', body, re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarms_name_begins_with_the_slug_so_that_monitoring_hears_it(alarm: str) -> None:
    name = attribute(ALARMS[alarm], "alarm_name")
    if local := re.match(r"\$\{local\.(\w+)\}", name):
        module = ROOT / "terraform/modules" / alarm.partition("/")[0]
        name = attribute("".join(path.read_text() for path in module.glob("*.tf")), local[1])
    # http-api is given the slug as its name.
    assert re.match(r"\$\{var\.(creator\.slug|slug|name)\}-", name), name
    assert attribute(ALARMS[alarm], "alarm_description"), "people are told what it is about"


@pytest.mark.parametrize("alarm", [name for name, body in ALARMS.items() if '"fleet"' in body])
def test_an_alarm_on_a_metric_of_ours_watches_one_that_a_module_counts(alarm: str) -> None:
    body = ALARMS[alarm]
    metric, service = attribute(body, "metric_name"), attribute(body, "service")
    package = service.replace("-", "_") if service else "shared"
    sources = [*(ROOT / f"lambdas/{package}").rglob("*.py"), *(ROOT / "lambdas/shared").glob("*.py")]
    assert any(f'count("{metric}"' in path.read_text(encoding="utf-8") for path in sources), metric


def test_all_metrics_go_to_one_namespace_by_one_way() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "lambdas").rglob("*.py")}
    own = [path.name for path, text in sources.items() if re.search(r"\bMetrics\(|put_metric_data", text)]
    assert own == ["telemetry.py"]
    functions = (ROOT / "terraform/modules/lambda-functions/main.tf").read_text(encoding="utf-8")
    assert re.search(r'POWERTOOLS_METRICS_NAMESPACE\s+= "fleet"', functions)
