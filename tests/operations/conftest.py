"""A creator's state bucket, for every test here that asks for it."""

from __future__ import annotations

from tests.state_bucket import aws, s3

__all__ = ["aws", "s3"]
