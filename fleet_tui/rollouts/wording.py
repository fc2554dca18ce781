"""What happened to a creator, as a line of the rollout's journal."""

from __future__ import annotations

from fleet_tui.rollouts.model import Member, MemberStatus

_WORDS = {
    MemberStatus.TO_DO: "to do",
    MemberStatus.PUT_BACK: "put back until the stream has ended",
    MemberStatus.REPLANNING: "planning anew",
    MemberStatus.TO_ASK: "to be asked again",
    MemberStatus.APPLYING: "applying",
    MemberStatus.APPLIED: "applied",
    MemberStatus.FAILED: "failed",
    MemberStatus.CANCELLED: "cancelled",
}


def member_text(member: Member) -> str:
    """`anna: put back until the stream has ended – live since 20:14 UTC`."""
    if member.interrupted:
        return f"{member.slug}: asked to stop"
    words = _WORDS[member.status]
    cause = "" if member.cause in ("", words) else f" – {member.cause}"
    again = f", again at {member.again_at:%H:%M:%S} UTC" if member.again_at else ""
    return f"{member.slug}: {words}{cause}{again}"
