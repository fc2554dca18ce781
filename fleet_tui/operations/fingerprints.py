"""Which plans are alike: pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from functools import cache

from fleet_tui.operations.model import PlanBasis, PlanSummary, ResourceChange
from fleet_tui.operations.risk_findings import Finding
from fleet_tui.registry.model import Creator

_KEY = re.compile(r'\["((?:[^"\\]|\\.)*)"\]')


def normalised(address: str, creator: Creator | None) -> str:
    """The address with the creator's own names taken out of its keys: `record["{domain}"]`.

    Args:
        address: a resource's; the modules in it stay as they are.
        creator: whose names; None leaves the address as it is.
    """
    if creator is None or '["' not in address:
        return address
    words = {creator.slug: "{slug}", creator.domain: "{domain}", creator.account_id: "{account}"}
    own = _own_names(*words)
    return _KEY.sub(lambda key: own.sub(lambda name: words[name.group(0)], key.group(0)), address)


def fingerprint(
    changes: Iterable[ResourceChange],
    found: Iterable[Finding] = (),
    creator: Creator | None = None,
    *,
    outputs_changed: bool = False,
) -> str:
    """Equal for plans that change the same attributes of the same addresses in the same way with the same
    risk, whichever creator they are for: 16 hexadecimal digits.
    """
    told = sorted(
        "\0".join(
            (
                change.action,
                normalised(change.address, creator),
                ",".join(change.changed),
                ",".join(change.replaced_for),
                change.because,
                str(change.imported),
            )
        )
        for change in changes
    )
    risks = sorted(f"{finding.rule}\0{normalised(finding.address, creator)}" for finding in found)
    text = json.dumps([told, risks, outputs_changed])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest(
    slug: str,
    account_id: str,
    changes: Sequence[ResourceChange],
    basis: PlanBasis | None,
    *,
    fingerprint: str,
) -> str:
    """Equal for plans of one creator, made from one configuration, that do the same: 64 hexadecimal digits.

    No values are in it. That those are equal as well follows from the digest of the configuration, and from
    the state: where either has moved, a plan is made anew.
    """
    content = {
        "slug": slug,
        "account": account_id,
        "configuration": basis.configuration if basis else None,
        "fingerprint": fingerprint,
        "changes": [change.model_dump(mode="json") for change in changes],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def does_no_more(approved: PlanSummary, planned: PlanSummary) -> bool:
    """Whether a plan only does a part of what was approved, from the same configuration.

    So it is when an apply of the approved plan broke off, and what is left of it was planned anew.
    """
    if approved.basis is None or planned.basis is None:
        return False
    # The first apply of a creator makes the state, and with it the lineage.
    same_state = approved.basis.lineage in (None, planned.basis.lineage)
    return (
        same_state
        and planned.basis.configuration == approved.basis.configuration
        and set(planned.changes) <= set(approved.changes)
        and (approved.outputs_changed or not planned.outputs_changed)
    )


@cache
def _own_names(*names: str) -> re.Pattern[str]:
    """Any of these names where it stands for itself: `kasper` is found in `kasper-live`, not in `kasperl`."""
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9])")
