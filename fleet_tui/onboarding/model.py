"""What bringing a creator live is made of: steps, DNS records, checks, and what is kept of them."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from fleet_tui.problems import Problem
from fleet_tui.values import Moment, Value


class StepName(StrEnum):
    """The eight steps, in order."""

    CREATOR = "creator"
    ACCOUNT = "account"
    BACKEND = "backend"
    MAIL = "mail"
    INFRASTRUCTURE = "infrastructure"
    FRONTEND = "frontend"
    DNS = "dns"
    LIVE = "live"


class StepState(StrEnum):
    """Where a step is. What a person or AWS has to do is waited for, and is never a failure."""

    UNKNOWN = "unknown"  # it could not be looked at, or nobody has looked yet
    TO_DO = "to_do"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"  # no module that is on asks for it


class Doing(StrEnum):
    """What an operator can have done for a step right now."""

    CREATE_BACKEND = "create_backend"  # make the state bucket, and plan
    PLAN = "plan"
    APPLY = "apply"  # exactly the plan that `Step.target` names
    ASK_FOR_PRODUCTION = "ask_for_production"  # of Amazon SES
    SET_PRODUCTION = "set_production"  # [mail] production = true in creator.toml
    SET_DOMAIN_READY = "set_domain_ready"  # [modules.s3-website] domain_ready = true in creator.toml
    DEPLOY_SITE = "deploy_site"


FOR_CERTIFICATE = "certificate: proves the domain"
"""The purpose of the records by which AWS validates the site's certificate."""


class Record(Value):
    """A DNS record that has to be there.

    Args:
        type: `CNAME`, `NS`, `TXT` …
        name: owner, without a trailing dot.
        value: what it has to say.
        purpose: what it is for, in a few words.
        found: whether the domain's name servers have it; None where nobody could ask.
    """

    type: str
    name: str
    value: str
    purpose: str = ""
    found: bool | None = None

    @property
    def line(self) -> str:
        """As it is entered at a registrar: name, type, value."""
        return f"{self.name} {self.type} {self.value}"


class Outcome(StrEnum):
    """What a check came to."""

    OK = "ok"
    FAILED = "failed"
    WAITING = "waiting"
    UNKNOWN = "unknown"  # it could not be asked
    SKIPPED = "skipped"  # there is nothing to check here; the words say why


class Check(Value):
    """One thing that is looked at before a site counts as open.

    Args:
        name: what is checked, in a few words: `certificate`.
        found: what was found.
        expected: what should have been; empty where it was.
        action: what to do about it; empty where it is well.
    """

    name: str
    outcome: Outcome
    found: str
    expected: str = ""
    action: str = ""


class Step(Value):
    """One of the eight steps, as it is now.

    Args:
        waiting_for: whom or what it waits for, where it waits.
        since: when it came into this state, as far as anybody has seen; filled in by what is remembered.
        found: what was found, a sentence each.
        action: what to do next; empty where there is nothing.
        doing: what can be done about it at once by an operation; None where nothing can.
        target: the plan's id, for `Doing.APPLY`.
        records: to enter, or to compare.
        checks: of the last step.
        checked_at: when what it rests on was looked at.
    """

    name: StepName
    state: StepState
    waiting_for: str = ""
    since: Moment | None = None
    found: tuple[str, ...] = ()
    action: str = ""
    doing: Doing | None = None
    target: str = ""
    records: tuple[Record, ...] = ()
    checks: tuple[Check, ...] = ()
    checked_at: Moment | None = None

    @property
    def settled(self) -> bool:
        """Whether there is nothing more to do."""
        return self.state in (StepState.DONE, StepState.NOT_NEEDED)


class Remembered(Value):
    """Since when a step is in its state."""

    state: StepState
    waiting_for: str = ""
    since: Moment


class MailStatus(StrEnum):
    """Whether SES believes that the domain is ours."""

    ABSENT = "absent"  # Terraform has not made the identity yet
    PENDING = "pending"
    VERIFIED = "verified"
    FAILED = "failed"


class Production(StrEnum):
    """Whether SES sends to everybody."""

    GRANTED = "granted"
    ASKED = "asked"
    DECLINED = "declined"
    NOT_ASKED = "not_asked"


class MailReport(Value):
    """What SES says of the creator's account and domain.

    Args:
        dkim: SES' own word for the state of DKIM.
        tokens: of Easy DKIM; its records follow from them.
        mail_from: the MAIL FROM domain, empty where it is SES' own.
        per_day, per_second: how many messages may be sent.
        healthy: False where SES has paused or put on probation.
    """

    identity: MailStatus
    dkim: str = ""
    tokens: tuple[str, ...] = ()
    mail_from: str = ""
    production: Production
    per_day: int = 0
    per_second: int = 0
    healthy: bool = True
    region: str
    checked_at: Moment


class Certificate(Value):
    """How the site's certificate stands.

    Args:
        status: ACM's word for it, `ISSUED`, `PENDING_VALIDATION` …
        records: by which AWS validates it.
    """

    status: str
    records: tuple[Record, ...] = ()


class Answer(StrEnum):
    """How a name server answered."""

    FOUND = "found"
    NONE = "none"  # the name is there, this record is not
    NO_SUCH_NAME = "no_such_name"
    BOGUS = "bogus"  # answers only when DNSSEC is not checked
    REFUSED = "refused"  # it does not serve this zone, or fails on it
    SILENT = "silent"  # no answer in time


class ServerAnswer(Value):
    """What one server says.

    Args:
        server: its name or address.
        names: the name servers that it gives for the domain, sorted, without trailing dots.
    """

    server: str
    answer: Answer
    names: tuple[str, ...] = ()


class DnsReport(Value):
    """How a domain's delegation looks from everywhere.

    Args:
        domain: the creator's domain.
        expected: the name servers of the zone that Terraform made.
        parent: name of the zone above, empty where it could not be found.
        parents: what servers of that zone say, asked directly, so nothing of it is cached.
        resolvers: what public resolvers say.
        servers: whether the zone's own servers serve it.
        signed: whether the parent says that the zone is signed (a DS record); None where it was not asked.
        records: of the certificate and of mail, with what was found.
        certificate: ACM's word for the certificate's state; empty where it could not be asked.
    """

    domain: str
    expected: tuple[str, ...]
    parent: str = ""
    parents: tuple[ServerAnswer, ...] = ()
    resolvers: tuple[ServerAnswer, ...] = ()
    servers: tuple[ServerAnswer, ...] = ()
    signed: bool | None = None
    records: tuple[Record, ...] = ()
    certificate: str = ""
    checked_at: Moment


class LiveReport(Value):
    """The go-live checks, once through."""

    checks: tuple[Check, ...]
    checked_at: Moment


class AccountReport(Value):
    """Whether the account could be entered, and is the right one."""

    problem: Problem | None = None
    checked_at: Moment


class SiteFact(Value):
    """What is deployed of the site's files.

    Args:
        release: id of what visitors see; empty where it is Terraform's placeholder.
        out_of_date: whether template or branding have changed since.
    """

    release: str = ""
    deployed_at: Moment | None = None
    deployed_by: str = ""
    out_of_date: bool = False


class Memory(Value):
    """What is kept of a creator's way, beside the state, so that every operator sees the same.

    It holds what cannot be derived: since when something waits, and what the last checks found.

    Args:
        problems: why the last check could not ask, by step; what was known before it stays.
    """

    steps: dict[StepName, Remembered] = Field(default_factory=dict)
    account: AccountReport | None = None
    bucket_ready: bool | None = None
    mail: MailReport | None = None
    dns: DnsReport | None = None
    site: SiteFact | None = None
    live: LiveReport | None = None
    problems: dict[StepName, Problem] = Field(default_factory=dict)


class Journey(Value):
    """All eight steps of one creator.

    Args:
        slug: the creator's.
        name: the display name.
        domain: empty where creator.toml cannot be read.
        steps: in order.
    """

    slug: str
    name: str
    domain: str = ""
    steps: tuple[Step, ...]

    @property
    def live(self) -> bool:
        """Whether nothing is left to do."""
        return all(step.settled for step in self.steps)

    @property
    def done(self) -> int:
        """How many steps are settled."""
        return sum(step.settled for step in self.steps)

    @property
    def next(self) -> Step | None:
        """The step to look at: the first that can be worked on, else the first that is not settled."""
        open_steps = [step for step in self.steps if not step.settled]
        order = (StepState.FAILED, StepState.RUNNING, StepState.TO_DO, StepState.UNKNOWN, StepState.WAITING)
        ready = [step for step in open_steps if step.state is not StepState.TO_DO or step.doing is not None]
        for state in order:
            for step in ready:
                if step.state is state:
                    return step
        return next(iter(open_steps), None)

    def step(self, name: StepName) -> Step:
        """The step of this name."""
        return next(step for step in self.steps if step.name is name)


class Identity(Value):
    """Where a draft's way in leads to."""

    account_id: str
    arn: str
