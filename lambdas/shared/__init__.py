"""What the Lambdas of all platform modules have in common."""

from __future__ import annotations
