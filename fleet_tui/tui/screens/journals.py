"""What the journals of this machine tell, newest first: the page that runs and rollouts share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from textual import on, work
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from fleet_tui.present.line import Span, Tone
from fleet_tui.present.quantity import count
from fleet_tui.tui.content import one_line
from fleet_tui.tui.screens.page import Page
from fleet_tui.tui.widgets.grid import Column, Grid

POLL_SECONDS = 1.0


class Journalled(Protocol):
    """What has a journal."""

    @property
    def id(self) -> str:
        """Names the journal, and sorts by time."""


T = TypeVar("T", bound=Journalled)


class JournalsPage(Page, Generic[T]):
    """A status line and the list, read again now and then."""

    COLUMNS: ClassVar[tuple[Column[Any], ...]]
    WORDS: ClassVar[tuple[str, str]]  # one, several
    EMPTY: ClassVar[str] = ""

    class JournalsRead(Message):
        """The journals have been read."""

        def __init__(self, items: Sequence[Any]) -> None:
            super().__init__()
            self.items = items

    def __init__(self) -> None:
        super().__init__()
        self.items: dict[str, T] | None = None

    @abstractmethod
    def read(self) -> Sequence[T]:
        """All of them, newest first. Blocking."""

    @abstractmethod
    def is_over(self, item: T) -> bool:
        """Whether nothing more happens to it."""

    def body(self) -> Iterable[Widget]:
        """A status line and the list."""
        yield Static(id="status")
        yield Grid[T](self.COLUMNS, self.fleet.clock(), empty=self.EMPTY, markable=False, id="list")

    @property
    def grid(self) -> Grid[T]:
        """The list."""
        return self.query_one("#list", Grid)

    def on_mount(self) -> None:
        """Read the journals now and then."""
        self.grid.focus()
        self._read()
        self.set_interval(POLL_SECONDS, self._poll)

    def on_screen_resume(self) -> None:
        """One may have come in between."""
        self._read()

    def _poll(self) -> None:
        if self.is_current:
            self._read()

    @work(thread=True, exclusive=True, exit_on_error=False, group="journals")
    def _read(self) -> None:
        self.post_message(self.JournalsRead(self.read()))

    @on(JournalsRead)
    def _journals_read(self, event: JournalsRead) -> None:
        event.stop()
        items: dict[str, T] = {item.id: item for item in event.items}
        if items == self.items:
            return
        self.items = items
        self.grid.show(items)
        going = sum(not self.is_over(item) for item in items.values())
        one, several = self.WORDS
        status = f"{count(len(items))} {one if len(items) == 1 else several} on this machine"
        doing = Span(f" · {going} under way" if going else "", Tone.STRONG)
        self.query_one("#status", Static).update(one_line((Span(status, Tone.QUIET), doing)))

    def time_passed(self, now: datetime) -> None:
        """Ages have grown."""
        self.grid.tick(now)
