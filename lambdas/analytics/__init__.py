"""Analytics: how often pages were seen and streams were watched, without knowing by whom."""

from __future__ import annotations
