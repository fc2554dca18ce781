"""The fleet as its files describe it: `creators/<slug>/creator.toml` read, checked and edited.

`load` reads the whole fleet. Edits are in `fleet_tui.registry.editing`, which only those import who edit.
"""

from __future__ import annotations

from fleet_tui.registry.loading import load

__all__ = ["load"]
