"""The one door to AWS: credentials per creator, shared clients, account guard, plain errors.

Importing this package loads no AWS library; the first use of a door does.
"""

from __future__ import annotations

from fleet_tui.aws.account import Account
from fleet_tui.aws.door import AwsDoor, Identity

__all__ = ["Account", "AwsDoor", "Identity"]
