"""A workspace with the real template and one creator, and small made-up manifests."""

from __future__ import annotations

import hashlib
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

from fleet_tui.frontend.build import TEMPLATE
from fleet_tui.frontend.model import Manifest, SiteFile
from fleet_tui.registry.model import Creator

ROOT = Path(__file__).parents[2]
API = "https://a1b2c3d4.execute-api.eu-central-1.amazonaws.com"
OUTPUTS = {"site_api_url": API}
ALL_ON = {"ivs-streaming": {}, "contact-form": {}, "s3-website": {}}


def creator(**fields: Any) -> Creator:
    known: dict[str, Any] = {
        "slug": "kasper",
        "name": "Kasper Kast",
        "domain": "kasper.live",
        "account_id": "210000000001",
        "region": "eu-central-1",
        "contact": "kasper@kasper.live",
        "monthly_budget": Decimal(150),
        "modules": ALL_ON,
    }
    return Creator.model_validate(known | fields)


def workspace(root: Path) -> Path:
    """A workspace with a copy of the template and an empty folder of Kasper's."""
    shutil.copytree(ROOT / TEMPLATE, root / TEMPLATE)
    (root / "creators" / "kasper").mkdir(parents=True)
    return root


def file(key: str, content: str = "") -> SiteFile:
    return SiteFile(
        key=key,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        size=len(content),
        content_type="text/html; charset=utf-8",
        cache_control="no-cache",
    )


def manifest(**contents: str) -> Manifest:
    """`a_b` stands for the key `assets/b`, anything else for a page."""
    keys = {
        f"assets/{name[2:]}" if name.startswith("a_") else f"{name}.html": text
        for name, text in contents.items()
    }
    return Manifest(files=tuple(file(key, keys[key]) for key in sorted(keys)))
