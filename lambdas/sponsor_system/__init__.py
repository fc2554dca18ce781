"""Sponsor bookings: offered, approved for a placement and its days, shown, and counted."""

from __future__ import annotations
