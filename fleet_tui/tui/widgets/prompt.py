"""One line to type a filter or a command into."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Label


class _Completion(Suggester):
    """Asks the prompt's own function."""

    def __init__(self, complete: Callable[[str], str | None]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return self._complete(value)


class Prompt(Horizontal):
    """A sign and an input; hidden until it is opened.

    Args:
        sign: what stands before the input, `/` or `:`.
        complete: the whole line that a beginning stands for, or None.
        placeholder: what can be typed.
    """

    DEFAULT_CSS = """
    Prompt {
        height: 1; display: none; background: $panel;
        &.-open { display: block; }
        & > Label { width: 2; padding: 0 0 0 1; color: $accent; text-style: bold; }
        & > Input { border: none; height: 1; padding: 0; background: $panel; }
        & > Input:focus { border: none; }
    }
    """

    class Told(Message):
        """What the prompt has to say."""

        def __init__(self, prompt: Prompt, text: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.text = text

        @property
        def control(self) -> Prompt:
            """The prompt."""
            return self.prompt

    # Siblings, because a handler for a message also gets the messages derived from it.

    class Changed(Told):
        """The text is another one."""

    class Submitted(Told):
        """Enter was pressed."""

    class Cancelled(Told):
        """Escape was pressed."""

    def __init__(
        self, sign: str, complete: Callable[[str], str | None], *, placeholder: str, id: str
    ) -> None:
        super().__init__(id=id)
        self._sign = sign
        self._complete = complete
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """Sign and input."""
        yield Label(self._sign)
        yield Input(
            placeholder=self._placeholder, suggester=_Completion(self._complete), select_on_focus=False
        )

    def open(self, text: str = "") -> None:
        """Show it with this text and take the keys.

        What is typed after the key that opens it may have arrived already, in one go, and must not press the
        keys of the page. So the focus moves at once, and that key is bound with priority: the application
        hands out the next key only after such a binding has done its work.
        """
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = text
        field.cursor_position = len(text)
        self.add_class("-open")
        self.screen.set_focus(field)

    def close(self) -> None:
        """Hide it."""
        self.remove_class("-open")

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Changed(self, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(self, event.value))

    def on_key(self, event: events.Key) -> None:
        """Escape leaves, tab takes the completion."""
        field = self.query_one(Input)
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Cancelled(self, field.value))
        elif event.key == "tab":
            event.stop()
            event.prevent_default()
            field.action_cursor_right()
