"""What creators cost: price book, estimate, bill, forecast."""

from __future__ import annotations
