"""IVS stream health: what is live, how well, and the cause when it is not well."""

from __future__ import annotations
