"""Why an event cannot be changed, and why nobody can sign up for it."""

from __future__ import annotations

from shared.problems import ProblemError, not_found


def no_such_event() -> ProblemError:
    """404: nobody has announced it."""
    return not_found("such event")


def no_such_sign_up() -> ProblemError:
    """404: it is not there, not any more, or not the caller's; nobody learns which."""
    return not_found(
        "such sign-up, or the token is not its own, or the time to confirm is over: sign up again"
    )


def event_changed(version: int) -> ProblemError:
    """409: somebody else has changed it since the editor read it."""
    return ProblemError(
        409,
        "event-changed",
        "The event has changed",
        "Somebody has changed it since you read it. Look at it again before you change it.",
        version=version,
    )


def event_cancelled() -> ProblemError:
    """409: it does not take place."""
    return ProblemError(409, "event-cancelled", "The event is cancelled", "It does not take place.")


def event_over() -> ProblemError:
    """409: it has ended."""
    return ProblemError(409, "event-over", "The event is over", "It has ended and stays as it was.")


def sign_up_closed() -> ProblemError:
    """409: it is too late to sign up."""
    return ProblemError(
        409, "sign-up-closed", "Sign-up is closed", "It is too late to sign up for this event."
    )


def members_only() -> ProblemError:
    """403: guests cannot sign up."""
    return ProblemError(403, "members-only", "For members only", "Sign in to sign up for this event.")


def address_not_verified() -> ProblemError:
    """409: nobody knows yet whether the member's address is their own."""
    return ProblemError(
        409,
        "address-not-verified",
        "The e-mail address is not verified",
        "Confirm your account's e-mail address first: letters about the event go there.",
    )
