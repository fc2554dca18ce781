"""Monitoring: alarms and costs are told to people, by e-mail, Slack and Telegram."""

from __future__ import annotations
