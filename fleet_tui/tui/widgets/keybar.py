"""The last line of every screen: the keys that do something here."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from fleet_tui.present.line import Span, width_of

_SHOWN_AS = {"slash": "/", "colon": ":", "question_mark": "?", "escape": "esc", "plus": "+"}


class KeyBar(Widget):
    """Keys with their words, this screen's first; what does not fit is in the help. Each can be clicked."""

    DEFAULT_CSS = """
    KeyBar {
        height: 1; width: 1fr; dock: bottom; background: $surface; color: $quiet;
        link-color: $quiet; link-style: none; link-color-hover: $foreground; link-background-hover: $panel;
    }
    """

    def on_mount(self) -> None:
        """Follow what is possible on the screen."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> RenderResult:
        """As many keys as fit."""
        shown: list[tuple[str, str, str]] = []
        for _node, binding, enabled, _tip in self.screen.active_bindings.values():
            if binding.show and enabled and binding.description not in (word for _, word, _ in shown):
                key = binding.key_display or _SHOWN_AS.get(binding.key, binding.key)
                shown.append((key, binding.description, binding.key))
        line = Content(" ")
        room = self.size.width - 2
        for index, (key, word, press) in enumerate(shown):
            text = f"{key} {word}"
            needed = width_of((Span(text),)) + 2
            last = index == len(shown) - 1
            if needed > room - (0 if last else 7):
                helped = any(before == "?" for before, *_ in shown[:index])
                return line if helped else line + Content.assemble(("? more", "$quiet"))
            room -= needed
            line += Content.from_markup(
                f"[$foreground]$key[/] [@click=app.simulate_key('{press}')]$word[/]  ", key=key, word=word
            )
        return line
