"""The members' functions in this process, over moto's Cognito."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.lambdas import functions
from tests.lambdas.functions import handlers_of
from tests.lambdas.user_auth.accounts import GROUPS, Accounts

REGION = "eu-central-1"
FUNCTIONS = Path(__file__).parents[3] / "terraform/modules/user-auth/functions.tf"


def granted(function: str) -> set[str]:
    """What Terraform lets a function ask the user pool for."""
    if function == "post_confirmation":
        return {"AdminAddUserToGroup"}  # given beside the map: the pool's name is known later
    found = re.search(
        rf"^    {function} = \{{\n(.*?)^    \}}", FUNCTIONS.read_text(), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return set(re.findall(r'"cognito-idp:(\w+)"', found[1]))


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    """The functions, and a pool with its groups and nobody in it."""
    handlers_of("user_auth")
    from user_auth.pool import CLIENT

    with mock_aws():
        pool = CLIENT.create_user_pool(PoolName="kasper", UsernameAttributes=["email"])["UserPool"]["Id"]
        for group in GROUPS:
            CLIENT.create_group(UserPoolId=pool, GroupName=group)
        issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
        monkeypatch.setattr(functions, "ISSUER", issuer)
        monkeypatch.setitem(functions.COMMON, "MEMBERS_ISSUER", issuer)
        made = Accounts("user_auth", client=CLIENT, pool=pool)

        def note(model: Any, **_: Any) -> None:
            made.asked.add(model.name)

        CLIENT.meta.events.register("before-call.cognito-identity-provider", note)
        try:
            with made.logged():
                yield made
        finally:
            CLIENT.meta.events.unregister("before-call.cognito-identity-provider", note)
        for function, operations in made.used.items():
            assert operations <= granted(function), f"{function} may not"
