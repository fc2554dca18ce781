"""Members: their accounts, their groups, and the words of the e-mail that they get."""

from __future__ import annotations
