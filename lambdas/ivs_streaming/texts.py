"""What people are written, in the creator's language."""

from __future__ import annotations


def live_notice(language: str, *, name: str, domain: str, title: str | None) -> tuple[str, str]:
    """Subject and text of a live notice.

    Args:
        language: the creator's; English where there is no text in it.
        name: the creator's display name.
        domain: the creator's site. The subject names it and not the creator: SNS takes ASCII only.
        title: of the stream, if it has one.
    """
    what = f"\n\n{title}" if title else ""
    if language == "de":
        return (
            f"Live auf {domain}",
            f"{name} ist jetzt live.{what}\n\nHier geht es zum Stream: https://{domain}/\n",
        )
    return (f"Live on {domain}", f"{name} is live now.{what}\n\nWatch here: https://{domain}/\n")
