"""What broken runs have left, without Terraform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet_tui.operations.mending import Leftovers
from fleet_tui.operations.model import OperationKind, Run

if TYPE_CHECKING:
    from tests.tui.fake import FakeService

ALIAS = 'module.encryption.aws_kms_alias.this["tables"]'
CHANNEL = "module.ivs_streaming[0].aws_ivs_channel.this"
KEPT = "20261122T135107.000-apply-kasper-9f3a.1764.tfstate"


class FakeMending:
    """Answers with `left`; what is mended lands in the service's `done`."""

    def __init__(self, service: FakeService) -> None:
        self._service = service
        self.left = Leftovers()

    def leftovers(self, slug: str) -> Leftovers:
        return self.left

    def take_as_is(self, slug: str, addresses: Sequence[str], *, reason: str = "") -> Run:
        self._service._refuse()
        self._service.done.append(("take", slug, tuple(addresses)))
        return self._service.begin(OperationKind.REPAIR, slug)

    def push_state(self, slug: str, *, reason: str = "") -> Run:
        self._service._refuse()
        self._service.done.append(("push", slug))
        return self._service.begin(OperationKind.PUSH, slug)
