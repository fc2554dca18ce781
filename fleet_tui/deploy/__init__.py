"""Deploy state: what Terraform has made for a creator, and whether it is what the workspace wants."""

from __future__ import annotations
