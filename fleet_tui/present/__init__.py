"""How states, amounts and times are written for people; shared by the console and the command line."""

from __future__ import annotations
