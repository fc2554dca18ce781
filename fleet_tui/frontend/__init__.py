"""The creators' sites: built from one template, brought to the bucket, switched to at one stroke."""

from __future__ import annotations
