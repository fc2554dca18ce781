"""Errors of the API as values that become problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class ProblemError(Exception):
    """An answer that is an error, raised wherever it is found and rendered in one place.

    Args:
        status: HTTP status.
        name: stable name of the sort of problem; the last part of its type URI.
        title: the same for every occurrence.
        detail: what is wrong this time and what to do; holds no personal data.
        headers: sent with the answer.
        extensions: further members of the problem document.
    """

    def __init__(
        self,
        status: int,
        name: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extensions: object,
    ) -> None:
        super().__init__(name)
        self.status = status
        self.name = name
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.extensions = extensions

    def document(self, base: str) -> dict[str, object]:
        """The problem document; its type is `<base>/<name>`."""
        return {
            "type": f"{base}/{self.name}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extensions,
        }


def invalid(errors: Iterable[tuple[str, str]]) -> ProblemError:
    """422: the request is understood, and its content breaks a rule.

    Args:
        errors: JSON pointer to the member (RFC 6901; empty: the whole document), and what is wrong with it.
    """
    return ProblemError(
        422,
        "invalid",
        "The request is not valid",
        "Correct the listed members and send the request again.",
        errors=[{"pointer": pointer, "detail": detail} for pointer, detail in errors],
    )


def not_found(what: str) -> ProblemError:
    """404: there is no such thing."""
    return ProblemError(404, "not-found", "Not found", f"There is no {what}.")


def forbidden() -> ProblemError:
    """403: the route is for signed operators."""
    return ProblemError(
        403,
        "forbidden",
        "Operators only",
        "Sign the request (AWS Signature Version 4) with an operator's credentials for this account.",
    )


def automated() -> ProblemError:
    """403: the route is for people, and the request comes from a program that says so."""
    return ProblemError(403, "automated", "For people only", "Use a web browser.")


def busy() -> ProblemError:
    """503: the tables were contended for longer than we wait."""
    return ProblemError(
        503,
        "busy",
        "Busy",
        "Nothing was changed. Send the request again in a moment.",
        headers={"Retry-After": "1"},
    )


def read_only() -> ProblemError:
    """503: the creator's other region takes changes."""
    return ProblemError(
        503,
        "read-only",
        "Only reading for now",
        "Nothing was changed. Send the request again in a few minutes.",
        headers={"Retry-After": "120"},
    )


def unexpected() -> ProblemError:
    """500: a fault of ours; the log has the place."""
    return ProblemError(500, "unexpected", "Unexpected error", "The error was recorded. Try again later.")
