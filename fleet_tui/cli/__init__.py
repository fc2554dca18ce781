"""The command line: the same things as the console, without a screen."""

from __future__ import annotations
