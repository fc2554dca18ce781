"""The sponsor queue: bookings that wait for an operator, their conflicts, approval and rejection."""

from __future__ import annotations
