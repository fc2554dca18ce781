"""The contact form: visitors write, and the creator gets an e-mail."""

from __future__ import annotations
