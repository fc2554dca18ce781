"""Care for what was applied: drift, and the state with its versions."""

from __future__ import annotations
