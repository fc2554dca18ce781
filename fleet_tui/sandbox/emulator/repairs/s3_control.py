"""S3 Control.

Upstream: an account's public access block is no known path.
"""

from __future__ import annotations

import copy
from typing import Any

from ministack import app as ministack
from ministack.core.responses import AccountScopedDict, get_account_id

from fleet_tui.sandbox.emulator.registration import keep
from fleet_tui.sandbox.emulator.wire import Headers, Query, Response, ServiceError, xml_error

PATH = "/v20180820/configuration/publicAccessBlock"

_NOT_SET = ServiceError(
    404, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"
)


def _xml(status: int, body: bytes = b"") -> Response:
    return status, {"Content-Type": "application/xml"}, body


class AccountPublicAccessBlocks:
    """The block of each account, as the document it was set with."""

    def __init__(self) -> None:
        self.blocks: Any = AccountScopedDict()

    def answer(self, method: str, body: bytes) -> Response:
        """Get, put or delete the block of the request's account."""
        account = get_account_id()
        if method == "PUT":
            self.blocks[account] = body.decode()
            return _xml(200)
        if method == "DELETE":
            self.blocks.pop(account, None)
            return _xml(204)
        block = self.blocks.get(account)
        return xml_error(_NOT_SET) if block is None else _xml(200, block.encode())

    def get_state(self) -> dict[str, Any]:
        """What is persisted."""
        return {"blocks": copy.deepcopy(self.blocks)}

    def load_persisted_state(self, state: dict[str, Any]) -> None:
        """Restore."""
        self.blocks.update(state["blocks"])

    def reset(self) -> None:
        """Forget everything."""
        self.blocks.clear()


def install() -> None:
    """Put the repair in place."""
    accounts = AccountPublicAccessBlocks()
    keep("fleet_s3_control", accounts)
    inner = ministack._handle_s3_control_request

    async def handle(
        path: str, method: str, body: bytes, query: Query, request_id: str, headers: Headers | None = None
    ) -> Response | None:
        if path == PATH:
            return accounts.answer(method, body)
        answer: Response | None = await inner(path, method, body, query, request_id, headers)
        return answer

    ministack._handle_s3_control_request = handle
