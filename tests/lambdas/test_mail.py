"""Who a letter is from: SES takes addresses in ASCII alone, and creators' names are not."""

from __future__ import annotations

from email.headerregistry import Address
from email.parser import Parser
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st


class Ses:
    """Keeps what it is asked."""

    def send_email(self, **message: Any) -> None:
        self.message = message


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"]), max_size=80))
def test_the_sender_is_in_ascii_and_reads_as_the_creators_name(name: str) -> None:
    ses = Ses()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")  # where the tests' clients are
        from shared import mail

        patch.setattr(mail, "CLIENT", ses)
        patch.setattr(mail, "count", lambda _: None)
        patch.setenv("CREATOR_NAME", name)
        patch.setenv("MAIL_FROM", "hello@kasper.live")
        assert mail.send("fan@example.com", "Hello", "Hello")
    sender = ses.message["FromEmailAddress"]
    assert sender.isascii()
    read: Any = Parser(policy=default).parsestr(f"From: {sender}\n\n")["From"]
    (address,) = read.addresses
    assert isinstance(address, Address)
    assert address.addr_spec == "hello@kasper.live"
    if name.isalpha():
        assert address.display_name == name
