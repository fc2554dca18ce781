"""The widget: draws rows by Textual's line API, keeps drawn rows, repaints only lines that differ."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from fleet_tui.present.line import Line, Span, Tone, fit
from fleet_tui.tui.widgets.grid.layout import Column, Placed, place
from fleet_tui.tui.widgets.grid.rows import Rows
from fleet_tui.tui.widgets.toned import TonedView

R = TypeVar("R")

GAP = 2  # cells between columns; the last of them carries the column's sign
EDGE = 3  # cells before the first column: the cursor's bar, the mark, a space
END = 1  # cells after the last one
CURSOR_BAR = "▌"
MARK = "◆"
KEPT_STRIPS = 2_000

_Face = tuple[bool, bool]  # is the row under the cursor, is it marked


class Grid(TonedView, Generic[R], can_focus=True):
    """A table with a fixed header, one line a row.

    Args:
        columns: by the order of their place.
        spanning: for a row that is a sentence instead of cells, the sentence; it follows the first column.
        empty: what is said when there is no row.
        markable: whether rows can be marked.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "page down", show=False),
        Binding("home,g", "edge(-1)", "first", show=False),
        Binding("end,G", "edge(1)", "last", show=False),
        Binding("enter", "open", "open"),
        Binding("space", "mark", "mark"),
    ]

    class Opened(Message):
        """A row was chosen by enter or by a click on the cursor's row."""

        def __init__(self, grid: Grid[Any], key: str) -> None:
            super().__init__()
            self.grid = grid
            self.key = key

        @property
        def control(self) -> Grid[Any]:
            """The grid."""
            return self.grid

    class CursorMoved(Message):
        """Another row is under the cursor, or none."""

        def __init__(self, grid: Grid[Any], key: str | None) -> None:
            super().__init__()
            self.grid = grid
            self.key = key

        @property
        def control(self) -> Grid[Any]:
            """The grid."""
            return self.grid

    class MarksChanged(Message):
        """A row was marked or unmarked."""

        def __init__(self, grid: Grid[Any]) -> None:
            super().__init__()
            self.grid = grid

        @property
        def control(self) -> Grid[Any]:
            """The grid."""
            return self.grid

    def __init__(
        self,
        columns: Sequence[Column[R]],
        now: datetime,
        *,
        spanning: Callable[[R], Line | None] | None = None,
        empty: str = "nothing here",
        markable: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.rows: Rows[R] = Rows()
        self._columns = columns
        self._spanning = spanning
        self._empty = empty
        self._markable = markable
        self._now = now
        self._placed: tuple[Placed[R], ...] = ()
        self._placed_for = -1
        self._epoch = 0
        self._strips: dict[tuple[str, _Face], tuple[R, int, Strip]] = {}
        self._told: str | None = None

    # What the screen tells the grid

    def show(self, rows: Mapping[str, R], changed: Collection[str] | None = None) -> None:
        """Take new rows; `changed` names the keys that differ (None: perhaps all)."""
        keep = self._top_offset()
        if self.rows.replace(rows, changed):
            self._rearranged(keep)
        else:
            self._repaint_where_different()

    def filter(self, matches: Callable[[R], bool] | None) -> None:
        """Show only rows that match; None shows all."""
        keep = self._top_offset()
        self.rows.filter(matches)
        self._rearranged(keep)

    def sort(self, key: Callable[[R], Any] | None, *, descending: bool = False) -> None:
        """Order by this key; None: as the rows came."""
        keep = self._top_offset()
        self.rows.sort(key, descending=descending)
        self._rearranged(keep)

    def hold(self, held: bool) -> None:
        """Keep the order as it is, or let go of it."""
        keep = self._top_offset()
        self.rows.hold(held)
        self._rearranged(keep)

    def select(self, key: str) -> None:
        """Put the cursor on this row."""
        before = self.rows.cursor
        self.rows.select(key)
        self._cursor_moved(before)

    def move_to(self, place: int) -> None:
        """Put the cursor on the row at this position, or on the nearest."""
        before = self.rows.cursor
        self.rows.move_to(place)
        self._cursor_moved(before)

    def clear_marks(self) -> None:
        """Unmark every row."""
        self.rows.clear_marks()
        self._repaint_where_different()
        self.post_message(self.MarksChanged(self))

    def tick(self, now: datetime) -> None:
        """Time has passed: ages are drawn anew where they differ."""
        self._now = now
        self._epoch += 1
        self._repaint_where_different()

    @property
    def cursor(self) -> str | None:
        """Key of the row under the cursor."""
        return self.rows.cursor

    # Keys and mouse

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        self.move_to((self.rows.place(self.rows.cursor) or 0) + step)

    def action_page(self, direction: int) -> None:
        """Move the cursor by a window."""
        self.action_move(direction * max(1, self._window - 1))

    def action_edge(self, direction: int) -> None:
        """Move the cursor to the first or the last row."""
        self.move_to(0 if direction < 0 else len(self.rows) - 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Marking is offered only where rows can be marked."""
        return self._markable if action == "mark" else True

    def action_open(self) -> None:
        """Tell that the row under the cursor is chosen."""
        if self.rows.cursor is not None:
            self.post_message(self.Opened(self, self.rows.cursor))

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor and go on to the next."""
        key = self.rows.cursor
        if key is None:
            return
        self.rows.toggle_mark(key)
        self._repaint_row(key)
        self.post_message(self.MarksChanged(self))
        self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row that was clicked; a click on the cursor's row opens it."""
        row = event.y - 1 + self.scroll_offset.y
        if event.y < 1 or row >= len(self.rows):
            return
        if self.rows.order[row] == self.rows.cursor:
            self.action_open()
        else:
            self.move_to(row)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """The line `y` of the window: the header, a row, or nothing."""
        width = self.size.width
        self._place_columns()
        if y == 0:
            return self._header(width)
        row = y - 1 + self.scroll_offset.y
        if row < len(self.rows):
            return self._strip(self.rows.order[row])
        if row == 0 and self._empty:
            return self.paint(fit((Span(" " * EDGE), Span(self._empty, Tone.QUIET)), width), width)
        return Strip.blank(width, self.style_of(Tone.PLAIN))

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        super().notify_style_update()
        self._epoch += 1

    def on_resize(self) -> None:
        """The cursor stays in view."""
        self._fit_size()
        self._keep_cursor_in_view()

    def _place_columns(self) -> None:
        """Give every column its width; before the first line is drawn, not after."""
        width = self.size.width
        if width != self._placed_for:
            self._placed_for = width
            self._placed = place(self._columns, width - EDGE - END, gap=GAP)
            self._epoch += 1

    @property
    def _window(self) -> int:
        return max(1, self.size.height - 1)

    def _face(self, key: str) -> _Face:
        return key == self.rows.cursor, self.rows.is_marked(key)

    def _strip(self, key: str) -> Strip:
        face = self._face(key)
        row = self.rows[key]
        kept = self._strips.get((key, face))
        if kept is not None and kept[0] is row and kept[1] == self._epoch:
            return kept[2]
        strip = self._draw(row, face)
        if kept is not None and kept[2] == strip:
            strip = kept[2]
        if len(self._strips) >= KEPT_STRIPS:
            self._strips.clear()
        self._strips[key, face] = (row, self._epoch, strip)
        return strip

    def _draw(self, row: R, face: _Face) -> Strip:
        cursor, marked = face
        spans: list[Span] = [
            Span(CURSOR_BAR if cursor else " ", Tone.WAITING),
            Span(MARK if marked else " ", Tone.WAITING),
            Span(" "),
        ]
        sentence = self._spanning(row) if self._spanning else None
        for index, (column, width) in enumerate(self._placed):
            if index:
                if sentence is not None:
                    break
                sign = column.sign(row) if column.sign else " "
                spans.append(Span(" " * (GAP - 1) + sign, Tone.QUIET))
            spans.extend(column.cell(row, width, self._now))
        if sentence is not None:
            spans.append(Span(" " * GAP))
            spans.extend(sentence)
        width = self.size.width
        return self.paint((*fit(tuple(spans), width - END), Span(" " * END)), width, cursor=cursor)

    def _header(self, width: int) -> Strip:
        titles = (" " * GAP).join(column.title(size) for column, size in self._placed)
        text = (" " * EDGE + titles).ljust(width)[:width]
        return Strip([Segment(text, self.style_of(Tone.QUIET))], width)

    # Repainting

    def _repaint_line(self, y: int) -> None:
        self.refresh(Region(0, y, self.size.width, 1))

    def _repaint_row(self, key: str | None) -> None:
        place = self.rows.place(key)
        if place is not None:
            y = place - self.scroll_offset.y + 1
            if 1 <= y < self.size.height:
                self._repaint_line(y)

    def _repaint_where_different(self) -> None:
        """Draw the rows in view and repaint the lines whose drawing is another one."""
        self._place_columns()
        top = self.scroll_offset.y
        for y, key in enumerate(self.rows.order[top : top + self._window], start=1):
            kept = self._strips.get((key, self._face(key)))
            if kept is None or self._strip(key) is not kept[2]:
                self._repaint_line(y)

    def _top_offset(self) -> int | None:
        """On which line of the window the cursor is; None where it is out of view."""
        place = self.rows.place(self.rows.cursor)
        if place is None:
            return None
        offset = place - self.scroll_offset.y
        return offset if 0 <= offset < self._window else None

    def _rearranged(self, keep: int | None) -> None:
        """Rows have moved: the cursor's row stays on its line of the window, and everything is repainted."""
        self._fit_size()
        place = self.rows.place(self.rows.cursor)
        if place is not None and keep is not None:
            self._scroll(place - keep)
        self._tell()
        self.refresh()

    def _fit_size(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.rows) + 1)

    def _cursor_moved(self, before: str | None) -> None:
        if self.rows.cursor == before:
            return
        self._repaint_row(before)
        self._repaint_row(self.rows.cursor)
        self._keep_cursor_in_view()
        self._tell()

    def _tell(self) -> None:
        if self._told != self.rows.cursor:
            self._told = self.rows.cursor
            self.post_message(self.CursorMoved(self, self._told))

    def _keep_cursor_in_view(self) -> None:
        place = self.rows.place(self.rows.cursor)
        if place is None:
            return
        top = self.scroll_offset.y
        if place < top:
            self._scroll(place)
        elif place >= top + self._window:
            self._scroll(place - self._window + 1)

    def _scroll(self, top: int) -> None:
        if top != self.scroll_offset.y:
            self.scroll_to(y=max(0, top), animate=False, immediate=True, force=True)
