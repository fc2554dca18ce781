"""What a creator with a second region has besides the modules: which region is well."""

from __future__ import annotations
