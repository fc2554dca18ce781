"""Our grid against Textual's DataTable: first paint, keys, refresh of a part of the rows.

Both show the same cells at 160×45 in a headless terminal, in the same run. Times are wall clock on the
machine at hand; compare the two columns with each other, not with other machines.

    python bench/grid/grid_latency.py [--rows 1000 10000] [--json FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import statistics
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import textual
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import DataTable

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fleet_tui.observatory.model import CreatorSnapshot
from fleet_tui.present.cells import trouble_line
from fleet_tui.present.line import plain
from fleet_tui.tui.themes import DARK_SHADES
from fleet_tui.tui.widgets.grid import Grid
from fleet_tui.tui.widgets.grid.fleet_columns import FLEET_COLUMNS
from fleet_tui.tui.widgets.grid.grid import EDGE, END, GAP
from fleet_tui.tui.widgets.grid.layout import place
from tests.tui.sample import NOW, large_fleet

SIZE = (160, 45)
PLACED = place(FLEET_COLUMNS, SIZE[0] - EDGE - END, gap=GAP)


def texts(row: CreatorSnapshot) -> list[str]:
    """The row's cells as the grid draws them."""
    return [plain(column.cell(row, width, NOW)) for column, width in PLACED]


class GridApp(App[None]):
    """Our grid."""

    def __init__(self, rows: dict[str, CreatorSnapshot]) -> None:
        super().__init__()
        self.rows = rows

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DARK_SHADES

    def compose(self) -> ComposeResult:
        yield Grid(FLEET_COLUMNS, NOW, spanning=trouble_line, id="table")

    def on_mount(self) -> None:
        grid = self.query_one(Grid)
        grid.show(self.rows)
        grid.focus()

    def take(self, rows: dict[str, CreatorSnapshot], changed: set[str]) -> None:
        self.query_one(Grid).show(rows, changed)


class TableApp(App[None]):
    """Textual's DataTable."""

    def __init__(self, rows: dict[str, CreatorSnapshot]) -> None:
        super().__init__()
        self.rows = rows

    def compose(self) -> ComposeResult:
        yield DataTable(id="table", cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for index, (column, width) in enumerate(PLACED):
            table.add_column(column.title(width), key=str(index), width=width)
        for slug, row in self.rows.items():
            table.add_row(*texts(row), key=slug)
        table.focus()

    def take(self, rows: dict[str, CreatorSnapshot], changed: set[str]) -> None:
        table = self.query_one(DataTable)
        for slug in changed:
            for index, text in enumerate(texts(rows[slug])):
                table.update_cell(slug, str(index), text)


class Stopwatch:
    """Counts from an action to the moment at which the screen has been drawn anew."""

    def __init__(self, app: App[None]) -> None:
        self.app = app
        self.samples: list[float] = []

    async def measure(self, act: Callable[[], Awaitable[None]]) -> None:
        drawn = asyncio.Event()
        at = 0.0
        display = self.app._display

        def note(screen: object, renderable: object) -> None:
            nonlocal at
            display(screen, renderable)  # type: ignore[arg-type]
            at = perf_counter()
            drawn.set()

        self.app._display = note  # type: ignore[method-assign, assignment]
        try:
            begun = perf_counter()
            await act()
            await asyncio.wait_for(drawn.wait(), 10)
            await asyncio.sleep(0)
            self.samples.append((at - begun) * 1000)
        finally:
            self.app._display = display  # type: ignore[method-assign]

    def figures(self) -> dict[str, float]:
        ordered = sorted(self.samples)
        return {
            "p50_ms": round(statistics.median(ordered), 2),
            "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        }


async def press(pilot: Pilot[None], app: App[None], key: str, times: int) -> dict[str, float]:
    """The same key many times, from the event to the drawn screen."""
    watch = Stopwatch(app)
    for _ in range(times):

        async def act() -> None:
            app.simulate_key(key)

        await watch.measure(act)
        await pilot.pause()
    return watch.figures()


def changed_rows(rows: dict[str, CreatorSnapshot], part: float, seed: int) -> dict[str, CreatorSnapshot]:
    """Every n-th row with another bill and another age, so that what is in view differs, too."""
    step = round(1 / part)
    fresh = {}
    for slug in list(rows)[seed % step :: step]:
        row = rows[slug]
        cost = row.cost
        if cost.value is not None:
            value = cost.value.model_copy(update={"forecast": cost.value.forecast + Decimal(seed + 1)})
            cost = replace(cost, value=value)
        fresh[slug] = replace(
            row, cost=cost, deploy=replace(row.deploy, seen_at=NOW - timedelta(seconds=seed))
        )
    return fresh


async def measure(kind: type[GridApp] | type[TableApp], size: int) -> dict[str, object]:
    """All figures of one widget with that many rows."""
    rows = dict(large_fleet(size).rows)
    gc.collect()
    begun = perf_counter()
    app = kind(rows)
    async with app.run_test(size=SIZE) as pilot:
        table = app.query_one("#table", Widget)
        while not table.size.width:
            await pilot.pause()
        await pilot.pause()
        first = (perf_counter() - begun) * 1000
        gc.freeze()  # as the console does after its first paint
        in_view = await press(pilot, app, "down", 30)
        for _ in range(15):
            await pilot.press("down")
        scrolling = await press(pilot, app, "down", 40)
        paging = await press(pilot, app, "pagedown", 15)
        await pilot.press("home")
        blocked = []
        repeats = 5 if kind is TableApp else 20
        for seed in range(repeats):
            fresh = changed_rows(rows, 0.05, seed)
            rows = rows | fresh
            begun = perf_counter()
            app.take(rows, set(fresh))
            blocked.append((perf_counter() - begun) * 1000)
            await pilot.pause()
    gc.unfreeze()
    blocked.sort()
    return {
        "first_paint_ms": round(first, 1),
        "down_in_view": in_view,
        "down_scrolling": scrolling,
        "page_down": paging,
        "refresh_5_percent": {
            "p50_ms": round(statistics.median(blocked), 2),
            "p95_ms": round(blocked[min(len(blocked) - 1, int(len(blocked) * 0.95))], 2),
        },
    }


def table_of(results: dict[str, dict[str, dict[str, object]]]) -> str:
    """The figures for people."""
    lines = [f"{'':28}{'grid':>18}{'DataTable':>18}"]
    for size, pair in results.items():
        lines.append(f"{int(size):,} rows")
        for name in pair["grid"]:
            cells = []
            for widget in ("grid", "DataTable"):
                value = pair[widget][name]
                cells.append(
                    f"{value['p50_ms']:.1f} / {value['p95_ms']:.1f}"
                    if isinstance(value, dict)
                    else f"{value:.0f}"
                )
            lines.append(f"  {name:26}{cells[0]:>18}{cells[1]:>18}")
    return "\n".join([*lines, "milliseconds; p50 / p95"])


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--json", type=Path, default=Path("bench/results/grid.json"))
    options = parser.parse_args()
    asyncio.run(measure(GridApp, 1_000))  # imports and caches are warm for both
    asyncio.run(measure(TableApp, 1_000))
    results = {
        str(size): {
            "grid": asyncio.run(measure(GridApp, size)),
            "DataTable": asyncio.run(measure(TableApp, size)),
        }
        for size in options.rows
    }
    print(table_of(results))
    machine = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "textual": textual.__version__,
        "machine": platform.machine(),
        "terminal": "headless, 160×45",
        "load_average": os.getloadavg()[0],  # of the whole machine: shared cores make p95 worse
    }
    options.json.write_text(json.dumps({**machine, "rows": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
