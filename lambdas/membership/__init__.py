"""Tiers of membership, paid by the month with Stripe Subscriptions."""

from __future__ import annotations
