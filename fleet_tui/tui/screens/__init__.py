"""The screens, one a module, each with its stylesheet beside it."""

from __future__ import annotations
