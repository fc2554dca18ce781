"""Which of a creator's two regions takes writes.

Both regions hold the same tables, and where both change an item DynamoDB keeps the later change alone: stock,
seats and votes that both had given away would be given away twice. So one item names the region that takes
writes, the home region until an operator says otherwise, and the functions of any other region only read.
"""

from __future__ import annotations

import os

KEY = {"pk": "REGION", "sk": "ACTIVE"}
"""Of the one item of the table; its `region` is the region that takes writes."""


def takes_writes() -> bool:
    """Whether this region takes writes now; always where the creator has one region.

    Raises:
        ClientError, BotoCoreError: the table cannot be read; whoever wants to write must not.
    """
    table = os.environ.get("SWITCH_TABLE")
    if not table:
        return True
    from shared.tables import CLIENT, pack, unpack  # functions without tables start without their client

    # Consistent within this region: what was switched off here takes no further write.
    answer = CLIENT.get_item(TableName=table, Key=pack(KEY), ConsistentRead=True)
    active = unpack(answer.get("Item", {})).get("region", os.environ["HOME_REGION"])
    return bool(active == os.environ["AWS_REGION"])
