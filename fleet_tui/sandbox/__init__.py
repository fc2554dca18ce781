"""An embedded AWS with a sample fleet: reached by an endpoint URL and credentials, as AWS is."""

from __future__ import annotations
