"""Events: the programme, and who comes."""

from __future__ import annotations
