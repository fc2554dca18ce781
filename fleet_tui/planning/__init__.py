"""Plans of many creators: made in parallel, grouped by what they do, and approved."""

from __future__ import annotations
