"""fleet-tui: one terminal for a fleet of creators' AWS accounts."""

from __future__ import annotations
