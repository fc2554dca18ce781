"""Whether a domain is delegated to its zone, told from what everybody's name servers say. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from fleet_tui.deploy.model import DeployState
from fleet_tui.onboarding.mail_rules import waits_for
from fleet_tui.onboarding.model import (
    FOR_CERTIFICATE,
    Answer,
    DnsReport,
    Doing,
    Record,
    ServerAnswer,
    Step,
    StepName,
    StepState,
)
from fleet_tui.registry.model import Creator
from fleet_tui.values import Value

_NO_NETWORK = "Check again; where DNS (port 53) is blocked, name resolvers that can be reached in fleet.toml"


class Delegation(StrEnum):
    """One word for how a domain is delegated."""

    UNKNOWN = "unknown"
    NOT_REGISTERED = "not_registered"
    NOT_DELEGATED = "not_delegated"
    ELSEWHERE = "elsewhere"
    PARTLY = "partly"
    LAME = "lame"
    BOGUS = "bogus"
    SPREADING = "spreading"
    DELEGATED = "delegated"


class Verdict(Value):
    """What the delegation is like.

    Args:
        waiting_for: whom or what is waited for; empty where nothing is.
        found: what was found, a sentence each.
        action: what to do about it.
    """

    delegation: Delegation
    waiting_for: str = ""
    found: tuple[str, ...] = ()
    action: str = ""


def judge_delegation(report: DnsReport) -> Verdict:
    """What a look at all name servers means.

    The parent decides first: nothing that a cache says counts as long as the parent says otherwise. Then the
    zone's own servers, then validation, then what resolvers have cached.
    """
    domain, expected = report.domain, frozenset(report.expected)
    spoken = [one for one in report.parents if one.answer not in (Answer.SILENT, Answer.REFUSED)]
    if not spoken:
        return _without_parent(report)
    if all(one.answer is Answer.NO_SUCH_NAME for one in spoken):
        return Verdict(
            delegation=Delegation.NOT_REGISTERED,
            waiting_for=f"{domain} to be registered",
            found=(f"{report.parent or 'the zone above'} does not know {domain}",),
            action=f"Register {domain}, or correct domain in creator.toml; then enter the name servers below",
        )
    given = frozenset(name for one in spoken for name in one.names)
    if not given:
        return Verdict(
            delegation=Delegation.NOT_DELEGATED,
            waiting_for="the name servers at the registrar",
            found=(f"{domain} is registered, and no name servers are entered",),
            action="Enter the name servers below at the registrar",
        )
    if not given & expected:
        return Verdict(
            delegation=Delegation.ELSEWHERE,
            waiting_for="the name servers at the registrar",
            found=(f"{domain} is delegated to {_listed(given)}",),
            action="Replace these at the registrar by the name servers below",
        )
    if given != expected or any(frozenset(one.names) != expected for one in spoken):
        missing, others = expected - given, given - expected
        found = [f"still missing at the registrar: {_listed(missing)}"] if missing else []
        found += [f"not ours: {_listed(others)}"] if others else []
        found += [] if found else [f"the servers of {report.parent} do not agree yet"]
        return Verdict(
            delegation=Delegation.PARTLY,
            waiting_for="the rest of the name servers at the registrar",
            found=tuple(found),
            action="Make the list at the registrar exactly the name servers below",
        )
    lame = [
        one.server
        for one in report.servers
        if one.answer in (Answer.REFUSED, Answer.NO_SUCH_NAME, Answer.NONE)
    ]
    if lame:
        return Verdict(
            delegation=Delegation.LAME,
            found=(f"delegated to us, and {_listed(lame)} does not serve {domain}",),
            action="The zone is another one than the state's: look again, then enter those of the state",
        )
    return _resolved(report)


def _without_parent(report: DnsReport) -> Verdict:
    """The zone above does not answer, which is mostly the network here.

    Resolvers that all give our name servers have them from there, two days ago at most; anything else proves
    nothing.
    """
    where = f"the servers of {report.parent}" if report.parent else "the zone above"
    expected = frozenset(report.expected)
    heard = [one for one in report.resolvers if one.answer is not Answer.SILENT]
    if heard and all(one.answer is Answer.FOUND and frozenset(one.names) == expected for one in heard):
        return Verdict(
            delegation=Delegation.DELEGATED,
            found=(f"{len(heard)} of {len(report.resolvers)} resolvers see it; {where} did not answer",),
        )
    return Verdict(
        delegation=Delegation.UNKNOWN,
        found=(f"{where} did not answer: whether {report.domain} is delegated is not known",),
        action=_NO_NETWORK,
    )


def _resolved(report: DnsReport) -> Verdict:
    domain, expected = report.domain, frozenset(report.expected)
    bogus = [one.server for one in report.resolvers if one.answer is Answer.BOGUS]
    if bogus:
        return Verdict(
            delegation=Delegation.BOGUS,
            waiting_for="the DS record to go",
            found=(
                f"the zone above says that {domain} is signed, and it is not: {_listed(bogus)} refuse it",
            ),
            action="Remove the DS record (DNSSEC) at the registrar; it is left from the name servers before",
        )
    spoken = [one for one in report.resolvers if one.answer is not Answer.SILENT]
    if not spoken:
        return Verdict(
            delegation=Delegation.UNKNOWN,
            found=("delegated, and no public resolver answered us",),
            action=_NO_NETWORK,
        )
    behind = [one for one in spoken if one.answer is not Answer.FOUND or frozenset(one.names) != expected]
    if behind:
        there = len(spoken) - len(behind)
        return Verdict(
            delegation=Delegation.SPREADING,
            waiting_for=f"caches: {there} of {len(spoken)} resolvers see it",
            found=(f"delegated; {_listed(one.server for one in behind)} still {_has_old(behind)}",),
            action="Nothing: caches forget within two days at most",
        )
    return Verdict(
        delegation=Delegation.DELEGATED,
        found=(f"delegated, and {len(spoken)} of {len(report.resolvers)} resolvers see it",),
    )


def _has_old(behind: list[ServerAnswer]) -> str:
    return "have what was before" if len(behind) > 1 else "has what was before"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def dns_step(creator: Creator, deploy: DeployState | None, report: DnsReport | None, *, made: bool) -> Step:
    """Where the step of the domain is.

    Args:
        creator: whose.
        deploy: what was last seen of the state.
        report: what name servers said at the last check.
        made: whether Terraform has made anything.
    """
    name, module = StepName.DNS, creator.modules.s3_website
    if module is None or not module.enabled:
        return Step(name=name, state=StepState.NOT_NEEDED, found=("the module s3-website is off",))
    expected = name_servers(deploy)
    if not made or deploy is None or not expected:
        return Step(name=name, state=StepState.TO_DO, action="Once the infrastructure is there")
    given = {name for one in report.parents for name in one.names} if report else set()
    asked = report is not None and any(one.answer is not Answer.SILENT for one in report.parents)
    records = (
        *(
            Record(
                type="NS",
                name=creator.domain,
                value=server,
                purpose="to enter at the registrar",
                found=server in given if asked else None,
            )
            for server in expected
        ),
        *(one for one in (report.records if report else ()) if one.purpose == FOR_CERTIFICATE),
    )
    applied = module.domain_ready and not waits_for(deploy.outputs, "s3-website")
    # A zone that was made anew has other name servers: what was said about the old ones is no news.
    if report is None or frozenset(report.expected) != frozenset(expected):
        if applied:
            issued = ("the certificate was issued, so it is delegated",)
            return Step(name=name, state=StepState.DONE, found=issued, records=records)
        return Step(
            name=name,
            state=StepState.WAITING,
            waiting_for="the name servers at the registrar",
            found=("name servers have not been asked yet",),
            action="Enter the name servers below at the registrar, then check again",
            records=records,
        )
    verdict = judge_delegation(report)
    state, doing = _STATES.get(verdict.delegation, StepState.WAITING), None
    found, action, waiting_for = verdict.found, verdict.action, verdict.waiting_for
    if report.certificate:
        found = (*found, f"certificate: {report.certificate.lower().replace('_', ' ')}")
    if verdict.delegation is Delegation.DELEGATED and not applied:
        state = StepState.TO_DO
        if module.domain_ready:
            action = "Apply, so that the site takes the certificate and the domain: see infrastructure"
        else:
            action = "Enter domain_ready = true under [modules.s3-website], then apply"
            doing = Doing.SET_DOMAIN_READY
    return Step(
        name=name,
        state=state,
        waiting_for=waiting_for,
        found=found,
        action=action,
        doing=doing,
        records=records,
        checked_at=report.checked_at,
    )


_STATES = {
    Delegation.UNKNOWN: StepState.UNKNOWN,
    Delegation.LAME: StepState.FAILED,
    Delegation.DELEGATED: StepState.DONE,
}


def name_servers(deploy: DeployState | None) -> tuple[str, ...]:
    """The name servers of the zone that Terraform made, without trailing dots; none without a zone."""
    found = deploy.outputs.get("name_servers") if deploy else None
    return tuple(sorted(str(one).rstrip(".").lower() for one in found)) if isinstance(found, list) else ()
