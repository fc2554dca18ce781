"""Adding a creator: every field checked while it is typed, and what it would cost beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from fleet_tui.costs.model import CostLine
from fleet_tui.onboarding.model import Identity
from fleet_tui.present.line import Line, Span, Tone, hang
from fleet_tui.present.onboarding import cost_lines, left_line
from fleet_tui.problems import FleetError, Problem
from fleet_tui.registry.drafting import MODULES, SELLING, Draft, new_external_id
from fleet_tui.registry.model import IVS_REGIONS, REGIONS, Language, Wave
from fleet_tui.registry.modules import CURRENCIES, ChannelType
from fleet_tui.tui.content import content, one_line
from fleet_tui.tui.screens.confirm import ConfirmScreen
from fleet_tui.tui.screens.page import Page

WIDE = 110  # from here on the costs stand beside the form

_FIELDS: tuple[tuple[str, str], ...] = (
    ("name", "name"),
    ("slug", "slug"),
    ("domain", "domain"),
    ("account_id", "account id"),
    ("role_arn", "role"),
    ("external_id", "external id"),
    ("profile", "or profile"),
    ("region", "region"),
    ("contact", "contact"),
    ("language", "language"),
    ("wave", "wave"),
    ("budget", "budget, $"),
)
_OF_MODULES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("channel_type", "channel", ("ivs-streaming",)),
    ("currency", "currency", SELLING),
    ("tiers", "tiers", ("membership",)),
    ("imprint", "imprint", ("newsletter",)),
)
"""Fields that only these modules ask for."""

_OPTIONAL: tuple[tuple[str, str], ...] = (
    ("failover", "2nd region"),
    ("tagline", "tagline"),
    ("primary", "primary"),
    ("accent", "accent"),
    ("background", "background"),
)
"""Fields that may stay empty."""

_CHOICES: Mapping[str, Iterable[str]] = {
    "region": (*sorted(IVS_REGIONS), *sorted(REGIONS - IVS_REGIONS)),
    "language": [one.value for one in Language],
    "wave": [one.value for one in Wave],
    "channel_type": [one.value for one in ChannelType],
    "currency": CURRENCIES,
    "failover": sorted(REGIONS),
}
_HINTS: Mapping[str, str] = {
    "name": "as fans know them: Kasper Kast",
    "account_id": "twelve digits",
    "external_id": "ctrl+g makes one, for the role's trust policy",
    "profile": "instead of a role",
    "budget": "a month, such as 150",
    "tiers": "names and prices a month: Bee 5, Queen 9.90",
    "imprint": "name and address, at the foot of every letter",
    "failover": "none; answers when the first one does not",
    "tagline": "below the name, on the site",
    "primary": "the platform's colours; or such as #e0a526",
    "accent": "the platform's",
    "background": "the platform's",
}


class Field(Vertical):
    """A label, an input, and below them what is wrong.

    Args:
        name: of the draft's field.
        label: what it is called.
        value: what it begins with.
    """

    def __init__(self, name: str, label: str, value: str) -> None:
        super().__init__(id=f"field-{name}", name=name)
        self._label = label
        self._value = value
        choices = _CHOICES.get(name)
        self._suggester = SuggestFromList(choices, case_sensitive=False) if choices else None

    def compose(self) -> Iterable[Widget]:
        """Label and input in one line, the complaint below."""
        typed = Input(
            self._value,
            placeholder=_HINTS.get(self.name or "", ""),
            suggester=self._suggester,
            id=self.name,
            select_on_focus=False,
        )
        typed.cursor_blink = False
        with Horizontal():
            yield Label(self._label)
            yield typed
        yield Static(classes="complaint")

    def show(self, *, proposal: str, complaint: str) -> None:
        """Say what an empty field would become, and what is wrong."""
        self.query_one(Input).placeholder = proposal or _HINTS.get(self.name or "", "")
        told = self.query_one(".complaint", Static)
        told.display = bool(complaint)
        told.update(content([(Span(complaint, Tone.CAUTION),)]))


class ModuleList(OptionList):
    """The modules, each on or off; enter or space turns one round.

    Args:
        chosen: those that are on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "select", "on or off", key_display="space")
    ]

    def __init__(self, chosen: Iterable[str], *, id: str) -> None:
        self.chosen = set(chosen)
        super().__init__(*(Option(self._prompt(name), id=name) for name in MODULES), id=id)

    def turn(self, place: int) -> None:
        """Switch the module at this place on or off."""
        name = MODULES[place]
        self.chosen ^= {name}
        self.replace_option_prompt_at_index(place, self._prompt(name))

    def _prompt(self, name: str) -> Content:
        on = name in self.chosen
        return one_line(
            (Span("✓ " if on else "· ", Tone.QUIET), Span(name, Tone.PLAIN if on else Tone.QUIET))
        )


class WizardScreen(Page):
    """A form for a new creator."""

    CSS_PATH: ClassVar[str] = "wizard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "write", "write the file", key_display="ctrl+o"),
        Binding("ctrl+t", "prove", "try the account", key_display="ctrl+t"),
        Binding("ctrl+g", "external_id", "external id", key_display="ctrl+g"),
        Binding("down,enter", "app.focus_next", "next field", key_display="enter"),
        Binding("up", "app.focus_previous", "field before", show=False),
    ]

    class Judged(Message):
        """What is known of a draft."""

        def __init__(
            self,
            typed: Draft,
            whole: Draft,
            complaints: Mapping[str, str],
            costs: tuple[CostLine, ...] | None,
        ) -> None:
            super().__init__()
            self.typed = typed
            self.whole = whole
            self.complaints = complaints
            self.costs = costs

    class Proven(Message):
        """The account was entered, or not."""

        def __init__(self, identity: Identity | None, problem: Problem | None) -> None:
            super().__init__()
            self.identity = identity
            self.problem = problem

    class Written(Message):
        """The creator's file is there."""

        def __init__(self, slug: str) -> None:
            super().__init__()
            self.slug = slug

    def __init__(self) -> None:
        super().__init__()
        self._whole = Draft()
        self._complaints: Mapping[str, str] = {}
        self._costs: tuple[CostLine, ...] | None = None
        self._visited: set[str] = set()
        self._account: Line = ()

    def place(self) -> tuple[str, ...]:
        """A new creator."""
        return ("new creator",)

    def body(self) -> Iterable[Widget]:
        """The form, and what it would cost."""
        first = Draft()
        yield Static(id="status")
        with Horizontal(id="panes"):
            with VerticalScroll(id="form", can_focus=False):
                for name, label in _FIELDS:
                    yield Field(name, label, getattr(first, name))
                yield Static("modules", id="modules-title")
                yield ModuleList(first.modules, id="modules")
                yield Static(id="modules-complaint", classes="complaint")
                for name, label, _modules in _OF_MODULES:
                    yield Field(name, label, getattr(first, name))
                for name, label in _OPTIONAL:
                    yield Field(name, label, getattr(first, name))
            with VerticalScroll(id="costs", can_focus=False):
                yield Static(id="cost")

    def on_mount(self) -> None:
        """Begin with the name."""
        self.query_one("#name", Input).focus()
        self._judge(self.draft)

    def on_resize(self, event: events.Resize) -> None:
        """The costs in full beside the form where there is room, their sum above it where there is not."""
        self.set_class(event.size.width < WIDE, "-narrow")
        self._show()

    @property
    def draft(self) -> Draft:
        """What is typed so far, and nothing else."""
        chosen = self.query_one(ModuleList).chosen
        typed = {field.name: field.query_one(Input).value.strip() for field in self.query(Field)}
        return Draft.model_validate(
            {
                **{name: value for name, value in typed.items() if value or name not in _CHOICES},
                "modules": tuple(name for name in MODULES if name in chosen),
            }
        )

    # Checking

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._account = ()
        self._judge(self.draft)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one(ModuleList).turn(event.option_index)
        self._judge(self.draft)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.app.action_focus_next()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """What was left is complained about from now on, and not before."""
        if event.widget.id:
            self._visited.add(event.widget.id)
            self._show()

    @work(thread=True, exclusive=True, exit_on_error=False, group="judge")
    def _judge(self, typed: Draft) -> None:
        onboarding = self.fleet.service.onboarding
        whole = onboarding.suggestion(typed)
        self.post_message(self.Judged(typed, whole, onboarding.complaints(whole), onboarding.estimate(whole)))

    @on(Judged)
    def _judged(self, event: Judged) -> None:
        event.stop()
        if event.typed != self.draft:
            return  # an answer to what was typed before
        self._whole, self._complaints, self._costs = event.whole, event.complaints, event.costs
        self._show()

    def _show(self) -> None:
        for field in self.query(Field):
            name = field.name or ""
            typed = field.query_one(Input).value.strip()
            told = self._complaints.get(name, "") if typed or name in self._visited else ""
            proposal = "" if typed else getattr(self._whole, name)
            field.show(proposal=proposal, complaint=told)
        for name, _label, modules in _OF_MODULES:
            self.query_one(f"#field-{name}").display = not set(modules).isdisjoint(self._whole.modules)
        told = self._complaints.get("modules", "")
        complaint = self.query_one("#modules-complaint", Static)
        complaint.display = bool(told)
        complaint.update(content([(Span(told, Tone.CAUTION),)]))
        lines = cost_lines(self._costs)
        self.query_one("#cost", Static).update(
            content(
                part
                for drawn in lines
                for part in hang(drawn, max(20, self.query_one("#costs").size.width - 4))
            )
        )
        self.query_one("#status", Static).update(one_line(self._status(lines[0])))

    def _status(self, costs: Line) -> Line:
        if self._account:
            return self._account
        left = len(self._complaints)
        ready = (
            Span("ready: ctrl+o writes the file", Tone.STRONG)
            if not left
            else Span(f"{left} {'field is' if left == 1 else 'fields are'} to be filled", Tone.QUIET)
        )
        return (ready, Span("  ·  ", Tone.QUIET), *costs[:1]) if self.has_class("-narrow") else (ready,)

    # Acting

    def action_back(self) -> None:
        """Leave the form; what was typed is not thrown away without a question."""
        typed = self.draft.model_copy(update={"modules": ()})
        if typed == Draft(modules=()):
            super().action_back()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.pop_screen()

        self.app.push_screen(ConfirmScreen("Leave without writing the file?"), answered)

    def action_external_id(self) -> None:
        """An external id that nobody guesses."""
        self.query_one("#external_id", Input).value = new_external_id()

    def action_prove(self) -> None:
        """Enter the account, and see whose it is."""
        self._account = (Span("entering the account …", Tone.WAITING),)
        self._show()
        self._prove(self._whole)

    @work(thread=True, exclusive=True, exit_on_error=False, group="prove")
    def _prove(self, draft: Draft) -> None:
        try:
            identity = self.fleet.service.onboarding.prove(draft)
        except FleetError as error:
            self.post_message(self.Proven(None, error.problem))
        else:
            self.post_message(self.Proven(identity, None))

    @on(Proven)
    def _proven(self, event: Proven) -> None:
        event.stop()
        if event.problem is not None:
            self._account = (Span(f"! {event.problem.what}. {event.problem.hint}".rstrip(), Tone.CAUTION),)
        elif event.identity is not None:
            who = event.identity.arn.rpartition(":")[2]
            self._account = (Span(f"✓ account {event.identity.account_id} entered as {who}", Tone.STRONG),)
        self._show()

    def action_write(self) -> None:
        """Write the file, after a question; where something is wrong, go there."""
        if self.refused("adding a creator"):
            return
        if self._complaints:
            self._visited |= set(self._complaints)
            self._show()
            wrong = next(
                (name for name, *_ in (*_FIELDS, *_OF_MODULES, *_OPTIONAL) if name in self._complaints),
                "modules",
            )
            self.query_one(f"#{wrong}").focus()
            return
        draft = self._whole

        def answered(yes: bool | None) -> None:
            if yes:
                self._write(draft)

        details: list[Line] = [
            (Span(f"{draft.name} · {draft.domain}"),),
            (Span(f"account {draft.account_id} · {draft.region} · {draft.wave}"),),
            (Span(f"{len(draft.modules)} modules: {', '.join(draft.modules)}", Tone.QUIET),),
            (),
            cost_lines(self._costs)[0],
            (Span("Nothing is made in the account by this.", Tone.QUIET),),
            (),
            left_line(draft),
        ]
        self.app.push_screen(ConfirmScreen(f"Write creators/{draft.slug}/creator.toml?", details), answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="write")
    def _write(self, draft: Draft) -> None:
        self.fleet.service.onboarding.add(draft)
        self.post_message(self.Written(draft.slug))

    @on(Written)
    def _written(self, event: Written) -> None:
        event.stop()
        self.notify(f"creators/{event.slug}/creator.toml is written.", timeout=5, markup=False)
        self.app.pop_screen()
        self.fleet.open_onboarding(event.slug)
