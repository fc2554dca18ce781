"""What a broken run has left, and what becomes of it, in text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from fleet_tui.present.line import Line, Span, Tone

_SHOWN = 12  # a dialog has to fit on a small terminal


def taking_lines(addresses: Sequence[str]) -> list[Line]:
    """What would be taken as it is, and when that is right."""
    more = len(addresses) - _SHOWN
    return [
        *((Span(f"± {address}", Tone.CAUTION),) for address in addresses[:_SHOWN]),
        *([(Span(f"and {more} more", Tone.QUIET),)] if more > 0 else []),
        (),
        (Span("Right where only the answer of AWS was lost, and it works."),),
        (Span("With no, the next plan replaces it.", Tone.QUIET),),
    ]


def unsaved_lines(files: Sequence[str]) -> list[Line]:
    """What would be pushed, and what guards it."""
    return [
        *((Span(f"left by {_run_of(file)}", Tone.CAUTION),) for file in files),
        (),
        (
            Span(
                "A run could not write it. It is pushed only onto the state that it follows, read back, and "
                "removed from this machine only then."
            ),
        ),
        (Span("With no, it stays, and nothing can be planned.", Tone.QUIET),),
    ]


def _run_of(file: str) -> str:
    """The run in the name of a file that was set aside: `<run>.<moment>.tfstate`."""
    return PurePath(file).stem.rsplit(".", 1)[0]
