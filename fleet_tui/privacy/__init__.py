"""What a creator's modules keep of one person: handed out, or erased (GDPR, articles 15, 17 and 20)."""

from __future__ import annotations
