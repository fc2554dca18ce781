"""What can be wrong with a poll or a vote."""

from __future__ import annotations

from shared.problems import ProblemError


def closed() -> ProblemError:
    """409: the poll takes no votes and no changes any more."""
    return ProblemError(409, "poll-closed", "The poll is closed", "No vote is taken any more.")


def already_voted() -> ProblemError:
    """409: this person's vote is counted, and may not be changed."""
    return ProblemError(
        409,
        "already-voted",
        "Already voted",
        "Your vote is counted. It cannot be changed in this poll, or not any more.",
    )


def visitor_voted() -> ProblemError:
    """409: somebody voted who, to the site, is the same visitor of the same day."""
    return ProblemError(
        409,
        "visitor-voted",
        "Somebody has voted from here",
        "A guest with the same network address and browser has voted already. Sign in to vote as yourself.",
    )


def has_votes() -> ProblemError:
    """409: somebody has voted, so that only the wording may be corrected."""
    return ProblemError(
        409,
        "has-votes",
        "Somebody has voted",
        "Options and rules are fixed from the first vote on. Correct the wording, or close the poll.",
    )


def version_changed(version: int) -> ProblemError:
    """409: the poll is not what the editor saw."""
    return ProblemError(
        409,
        "version-changed",
        "The poll has changed",
        "Somebody changed it since it was read. Read it again before you change it.",
        version=version,
    )


def wording_differs() -> ProblemError:
    """409: a correction names other options than the poll has."""
    return ProblemError(
        409,
        "options-differ",
        "These are not the poll's options",
        "A correction names every option by its id, in the poll's order.",
    )


def members_only() -> ProblemError:
    """403: the poll is for members."""
    return ProblemError(403, "members-only", "Members only", "Sign in to vote in this poll.")


def no_guest_token() -> ProblemError:
    """401: the request has no guest token that is valid."""
    return ProblemError(
        401,
        "no-guest-token",
        "No guest token",
        "Ask for one with POST /polls/guest-token, and send it as Authorization: Bearer.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def too_many_tokens() -> ProblemError:
    """429: this visitor has asked for many tokens within a minute."""
    return ProblemError(
        429,
        "too-many",
        "Too many tokens",
        "Use the token that you have, or wait a minute.",
        headers={"Retry-After": "60"},
    )
