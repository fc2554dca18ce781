"""Rollouts: approved plans applied to many creators, wave by wave, by a process of their own."""

from __future__ import annotations
