"""Colours: dark and light, each also for eyes that do not tell red from green."""

from __future__ import annotations

from textual.theme import Theme

# The colour-blind safe ones use the palette of Okabe and Ito (https://jfly.uni-koeln.de/color/), lightened on
# dark and darkened on light ground to keep a contrast of at least 4.5 to 1.
DARK_SHADES = {"quiet": "#878d9b", "faint": "#4b5263"}
LIGHT_SHADES = {"quiet": "#666a74", "faint": "#b9b5a8"}
"""Greys for text that waits to be looked for, and for drawings."""


def _dark(name: str, *, accent: str, warning: str, error: str) -> Theme:
    return Theme(
        name=name,
        dark=True,
        foreground="#d7d9e0",
        background="#15171d",
        surface="#1e212a",
        panel="#2a2e3a",
        primary="#8ea4c8",
        secondary="#6f7f9e",
        success="#8fbf8f",
        accent=accent,
        warning=warning,
        error=error,
    )


def _light(name: str, *, accent: str, warning: str, error: str) -> Theme:
    return Theme(
        name=name,
        dark=False,
        foreground="#23262e",
        background="#fbfaf6",
        surface="#f0eee7",
        panel="#dedbd0",
        primary="#3d5a8a",
        secondary="#5c6f94",
        success="#2f6b33",
        accent=accent,
        warning=warning,
        error=error,
    )


THEMES = (
    _dark("fleet-dark", accent="#7cc4f5", warning="#e8b04b", error="#ff7b72"),
    _light("fleet-light", accent="#0b62a8", warning="#8a5a00", error="#b3261e"),
    _dark("fleet-dark-safe", accent="#6fc3f2", warning="#f0e442", error="#ff8a3d"),
    _light("fleet-light-safe", accent="#005f99", warning="#6b6100", error="#b04400"),
)
"""The first is the one to begin with."""
