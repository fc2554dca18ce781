"""The shop: products, orders and their payment by Stripe."""

from __future__ import annotations
