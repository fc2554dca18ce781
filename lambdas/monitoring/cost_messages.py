"""What AWS Budgets and Cost Anomaly Detection write, read as notices.

Budgets write a letter with lines `Name: value`, anomaly detection a JSON document. Neither form is promised
for ever: what is not understood is told as it came, and never dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from monitoring.notice import Kind, Notice

BUDGETS_URL = "https://console.aws.amazon.com/billing/home#/budgets"
COSTS_URL = "https://console.aws.amazon.com/costmanagement/home#/cost-explorer"

MAX_RAW_CHARS = 1200
_LINE = re.compile(r"^[ \t]*([A-Z][A-Za-z ]{2,40}):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_CONSOLE = re.compile(r"https://([a-z0-9-]+\.)?console\.aws\.amazon\.com/[!-~]{1,400}")


def notice_of(message: Mapping[str, Any]) -> Notice:
    """The notice in a message of SNS.

    Args:
        message: the `Sns` part of a record, as Lambda gets it.
    """
    text = str(message["Message"])
    notice_id = f"sns@{message['MessageId']}"
    at = datetime.fromisoformat(str(message["Timestamp"])).astimezone(UTC)
    return _anomaly(text, notice_id, at) or _budget(text, notice_id, at) or _as_it_came(text, notice_id, at)


def _budget(text: str, notice_id: str, at: datetime) -> Notice | None:
    lines = {name.lower(): value for name, value in _LINE.findall(text)}
    kind = {"ACTUAL": Kind.BUDGET, "FORECASTED": Kind.FORECAST}.get(lines.get("alert type", "").upper())
    amount = lines.get("actual amount" if kind is Kind.BUDGET else "forecasted amount")
    if kind is None or amount is None or "budget name" not in lines:
        return None
    facts = {
        "amount": amount[:40],
        "budgeted": lines.get("budgeted amount", "?")[:40],
        "threshold": lines.get("alert threshold", "?")[:40],
    }
    name = lines["budget name"][:100]
    return Notice(id=notice_id, kind=kind, at=at, name=name, facts=facts, link=BUDGETS_URL)


def _anomaly(text: str, notice_id: str, at: datetime) -> Notice | None:
    try:
        found = json.loads(text)
        impact = found["impact"]
        facts = {"impact": _dollars(impact["totalImpact"])}
        if "totalExpectedSpend" in impact:
            facts["expected"] = _dollars(impact["totalExpectedSpend"])
        if "totalActualSpend" in impact:
            facts["actual"] = _dollars(impact["totalActualSpend"])
        causes = [cause for cause in found.get("rootCauses") or [] if isinstance(cause, dict)]
        parts = (causes[0].get("region"), causes[0].get("usageType")) if causes else ()
        facts["cause"] = ", ".join(str(part)[:80] for part in parts if part)
        service = (causes[0].get("service") if causes else None) or found.get("dimensionalValue") or "AWS"
        began = found.get("anomalyStartDate")
        since = datetime.fromisoformat(str(began)) if began else at
        link = str(found.get("anomalyDetailsLink") or "")
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        return None
    return Notice(
        id=notice_id,
        kind=Kind.ANOMALY,
        at=since.astimezone(UTC) if since.tzinfo else since.replace(tzinfo=UTC),
        name=str(service)[:100],
        facts=facts,
        link=link if _CONSOLE.fullmatch(link) else COSTS_URL,
    )


def _as_it_came(text: str, notice_id: str, at: datetime) -> Notice:
    facts = {"text": text.strip()[:MAX_RAW_CHARS]}
    return Notice(id=notice_id, kind=Kind.COSTS, at=at, name="AWS", facts=facts, link=COSTS_URL)


def _dollars(value: object) -> str:
    amount = Decimal(str(value))
    if not amount.is_finite():
        raise ValueError("no amount")
    return f"${amount:,.2f}"
