"""Questions before something is done. Whoever gives no answer has said no."""

from __future__ import annotations

import sys

import click

from fleet_tui.problems import FleetError, ProblemKind

NOTHING_DONE = "not confirmed, nothing was done"


def says_yes(question: str, *, option: str = "--yes") -> bool:
    """Ask for y or n; no is what an empty answer means.

    Args:
        question: one sentence.
        option: what says yes beforehand, for whoever has no terminal.

    Raises:
        FleetError: kind CONFLICT; nobody answers, or Ctrl+C was pressed.
    """
    try:
        return click.confirm(question, err=True)
    except click.Abort as error:
        raise _unanswered(option) from error


def agree(question: str, *, where: str = "", yes: bool = False, option: str = "--yes") -> None:
    """Go on only after a yes.

    Args:
        question: one sentence.
        where: the creator whom it is about.
        yes: it was said beforehand.
        option: what says it beforehand.

    Raises:
        FleetError: kind CONFLICT; it was no, or there was no answer.
    """
    if not yes and not says_yes(question, option=option):
        raise FleetError.of(ProblemKind.CONFLICT, NOTHING_DONE, where=where)


def typed(question: str, *, option: str = "--confirm") -> str:
    """What is typed as an answer, without the space around it.

    Raises:
        FleetError: kind CONFLICT; nobody answers, or Ctrl+C was pressed.
    """
    try:
        return str(click.prompt(question, default="", show_default=False, err=True)).strip()
    except click.Abort as error:
        raise _unanswered(option) from error


def told(question: str, proposal: str | None) -> str:
    """What is typed as an answer; the proposal where nothing is. Raises FleetError as `typed` does."""
    try:
        return str(click.prompt(question, default=proposal, err=True)).strip()
    except click.Abort as error:
        raise _unanswered("fleet add --help lists the options") from error


def agree_by_slug(question: str, slug: str, *, given: str = "") -> None:
    """Go on only after the slug was typed.

    Args:
        question: one sentence that says what has to be typed.
        slug: the creator's.
        given: what was typed beforehand; empty where it was not.

    Raises:
        FleetError: kind CONFLICT; it was something else, or there was no answer.
    """
    if (given or typed(question, option=f"--confirm {slug}")) != slug:
        raise FleetError.of(ProblemKind.CONFLICT, NOTHING_DONE, where=slug)


def _unanswered(option: str) -> FleetError:
    click.echo(err=True)
    hint = "" if sys.stdin.isatty() else f"Without a terminal say it beforehand: {option}"
    return FleetError.of(ProblemKind.CONFLICT, NOTHING_DONE, hint=hint)
