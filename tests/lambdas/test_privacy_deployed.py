"""Three people signed up, chatted, ordered, wrote and booked; what is left when two of them want to go."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fleet_tui.cli.main import cli
from fleet_tui.sandbox.emulator.process import Emulator
from tests.lambdas import members
from tests.lambdas.contact_form.contact_api import FORM
from tests.lambdas.deployed import OWNER, REGION, Deployed, client, deploy, eventually
from tests.lambdas.functions import table
from tests.lambdas.shop.shop_api import ADDRESS, CONTENT
from tests.lambdas.sponsor_api import SUBMISSION

pytestmark = pytest.mark.sandbox

OTHERS = ("contact-form", "ivs-chat", "shop", "sponsor-system")
TABLES = ("chat", "contact", "orders", "sponsors")
LOG = "/aws/vendedlogs/ivschat/kasper"
CREATOR = f"""
name = "Kasper Kast"
domain = "kasper.live"
account_id = "{OWNER}"
region = "{REGION}"
contact = "kasper@kasper.live"
monthly_budget = 150

[modules.user-auth]
[modules.ivs-chat]
[modules.contact-form]
[modules.sponsor-system]
[modules.shop]
"""


@dataclass(frozen=True)
class Person:
    """Somebody who has done all that one can do on the site."""

    id: str
    email: str
    token: str

    def in_text(self, text: str) -> bool:
        """Whether a text tells who they are."""
        return self.id in text or self.email.lower() in text.lower()


@dataclass(frozen=True)
class Site:
    """A creator's modules, each behind an API of its own, and their operator's workspace."""

    emulator: Emulator
    modules: dict[str, Deployed]
    pool: str
    client_id: str
    product: str
    workspace: Path

    def aws(self, service: str) -> Any:
        """A client in the creator's account."""
        return client(self.emulator.url, service)

    def call(self, module: str, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Call a module, which has to do what it is asked."""
        answer = self.modules[module].call(method, path, body, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def patiently(self, method: str, path: str, body: Any = None, *, token: str) -> Any:
        """Call user-auth as a member who does what a 503 says, and asks again."""

        def asked() -> Any:
            answer = self.modules["user-auth"].call(method, path, body, token=token)
            return None if answer.status_code == 503 else answer

        answer = eventually(asked, seconds=120)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def person(self, name: str, placement: str) -> Person:
        """Somebody new, who signs up, chats, orders, writes and books."""
        email = f"{name}.Fan@fans.example"
        token = members.tokens(self.emulator.url, REGION, OWNER, self.pool, self.client_id, email=email)
        person = Person(members.claims_of(token)["sub"], email, token)
        chat = self.call("ivs-chat", "POST", "/chat/token", {"display_name": name}, token=token)
        place = {"account": OWNER, "region": REGION}
        said = {**place, "token": chat["token"], "content": f"hello from {name}"}
        assert self.emulator.call("chat/send", said)["delivered"]
        order = {"items": [{"product": self.product, "quantity": 1}], "email": email, "address": ADDRESS}
        self.call("shop", "POST", "/orders", order, headers={"Idempotency-Key": f"{name}-0001"})
        self.call("contact-form", "POST", "/contact", {**FORM, "email": email.lower()})
        booking = {**SUBMISSION, "contact": email, "placement": placement}
        booking |= {"start_day": self.days[0], "end_day": self.days[1]}
        self.call("sponsor-system", "POST", "/bookings", booking)
        return person

    @property
    def days(self) -> tuple[str, str]:
        """Days that can be booked, by the emulator's clock."""
        today = datetime.now(UTC).date()
        return f"{today + timedelta(days=5)}", f"{today + timedelta(days=6)}"

    def items(self) -> list[str]:
        """Every item of every table."""
        found = (self.aws("dynamodb").scan(TableName=name)["Items"] for name in TABLES)
        return [str(item) for items in found for item in items]

    def about(self, person: Person) -> list[str]:
        """Every item that tells who a person is."""
        return [item for item in self.items() if person.in_text(item)]

    def fleet(self, *words: str) -> Result:
        """What an operator gets to see of `fleet privacy`."""
        return CliRunner().invoke(cli, ["privacy", *words], prog_name="fleet")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The modules in a fresh embedded AWS, and a workspace that knows their creator."""
    emulator = Emulator.start(tmp_path / "aws")
    try:
        url = emulator.url
        cognito, dynamodb, ivs = (client(url, name) for name in ("cognito-idp", "dynamodb", "ivschat"))
        pool = cognito.create_user_pool(
            PoolName="kasper",
            UsernameAttributes=["email"],
            UsernameConfiguration={"CaseSensitive": False},
        )["UserPool"]["Id"]
        client_id = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="site", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
        )["UserPoolClient"]["ClientId"]
        table(dynamodb, "chat")
        table(dynamodb, "contact")
        table(dynamodb, "products", index=True)
        for name in ("orders", "sponsors"):
            table(dynamodb, name, index=True, person=True)
        table(dynamodb, "sponsor-stats")
        client(url, "logs").create_log_group(logGroupName=LOG)
        logging = ivs.create_logging_configuration(
            destinationConfiguration={"cloudWatchLogs": {"logGroupName": LOG}}
        )["arn"]
        room = ivs.create_room(name="kasper", loggingConfigurationIdentifiers=[logging])["arn"]
        jwt = {"issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{pool}", "client_id": client_id}

        def deployed(module: str, functions: dict[str, dict[str, str]], **environment: str) -> Deployed:
            sample = importlib.import_module(f"{module}.settings").SAMPLE
            own = functions | {f"{module}_privacy": {}}
            return deploy(emulator, module, own, {**sample, **environment}, jwt, slug="kasper")

        modules = {
            "user-auth": deployed(
                "user_auth",
                {
                    "export_account": {"POST /account/export": "member"},
                    "delete_account": {"DELETE /account": "member"},
                },
                PRIVACY_MODULES=json.dumps(OTHERS),
            ),
            "ivs-chat": deployed(
                "ivs_chat", {"member_token": {"POST /chat/token": "member"}}, ROOM_ARN=room, MESSAGE_LOG=LOG
            ),
            "shop": deployed(
                "shop",
                {
                    "create_order": {"POST /orders": "public"},
                    "edit_products": {
                        "POST /operator/products": "operator",
                        "PUT /operator/products/{id}/status": "operator",
                    },
                },
            ),
            "contact-form": deployed("contact_form", {"post_message": {"POST /contact": "public"}}),
            "sponsor-system": deployed("sponsor_system", {"create_booking": {"POST /bookings": "public"}}),
        }
        shop = modules["shop"]
        product = shop.call("POST", "/operator/products", {**CONTENT, "stock": 9}, signer=OWNER).json()["id"]
        body = {"version": 1, "status": "published"}
        shop.call("PUT", f"/operator/products/{product}/status", body, signer=OWNER)

        workspace = tmp_path / "workspace"
        (workspace / "creators/kasper").mkdir(parents=True)
        (workspace / "creators/kasper/creator.toml").write_text(CREATOR)
        (workspace / "fleet.toml").write_text(
            'environment = "test"\ncache_dir = "cache"\nstate_dir = "state"\n'
        )
        monkeypatch.chdir(workspace)
        monkeypatch.delenv("FLEET_CONFIG", raising=False)
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": OWNER,
            "AWS_SECRET_ACCESS_KEY": "secret",
        }.items():
            monkeypatch.setenv(name, value)
        yield Site(emulator, modules, pool, client_id, product, workspace)
    finally:
        emulator.stop()


def pay(site: Site, person: Person) -> None:
    """The shop has heard that the person's order is paid."""
    dynamodb = site.aws("dynamodb")
    (item,) = [
        item
        for item in dynamodb.scan(TableName="orders")["Items"]
        if item.get("email", {}).get("S") == person.email
    ]
    dynamodb.update_item(
        TableName="orders",
        Key={"pk": item["pk"], "sk": item["sk"]},
        UpdateExpression="SET paid_at = created_at",
    )


def test_people_take_their_data_along_and_leave_nothing_but_what_must_stay(site: Site) -> None:
    leaver, fan, other = (
        site.person(name, placement)
        for name, placement in (("Lena", "top"), ("Fritz", "left"), ("Otto", "creator"))
    )
    pay(site, fan)
    before = site.about(other)
    assert len(before) >= 4, "one in each table"

    # One of them by herself; a module that is not well lets her try again.
    export = site.patiently("POST", "/account/export", token=leaver.token)
    assert set(export["documents"]) == {"user-auth", *OTHERS}
    assert export["documents"]["ivs-chat"]["messages"][0]["content"] == "hello from Lena"
    for documents in export["documents"].values():
        assert leaver.in_text(str(documents)) or "Lena" in str(documents)
    assert not fan.in_text(str(export))
    functions = site.aws("lambda")
    functions.put_function_concurrency(FunctionName="kasper-shop-privacy", ReservedConcurrentExecutions=0)
    farewell = {"email": leaver.email}
    refused = site.modules["user-auth"].call("DELETE", "/account", farewell, token=leaver.token)
    assert refused.status_code == 503
    assert "shop" in refused.json()["modules"]
    functions.delete_function_concurrency(FunctionName="kasper-shop-privacy")
    site.patiently("DELETE", "/account", farewell, token=leaver.token)
    assert site.about(leaver) == []
    users = site.aws("cognito-idp").list_users(UserPoolId=site.pool)["Users"]
    assert {user["Username"] for user in users} == {fan.id, other.id}

    # The other by the operator, who knows the address in one call and the id in the next.
    result = site.fleet("export", "kasper", "--email", fan.email.upper(), "--out", "fan.json")
    assert result.exit_code == 0, result.output
    documents = json.loads((site.workspace / "fan.json").read_text())["documents"]
    assert set(documents) == {"user-auth", *OTHERS}
    assert documents["ivs-chat"]["messages"][0]["content"] == "hello from Fritz"
    assert not other.in_text(str(documents))
    words = ("--reason", "ticket 4711", "--yes", "--confirm", "kasper")
    result = site.fleet("erase", "kasper", "--member", fan.id, *words)
    assert result.exit_code == 0, result.output
    assert "keeps 1 paid orders: records for the tax office" in result.stderr
    (left,) = site.about(fan)
    assert "ORDER#" in left
    assert "paid_at" in left
    with pytest.raises(site.aws("cognito-idp").exceptions.UserNotFoundException):
        site.aws("cognito-idp").admin_get_user(UserPoolId=site.pool, Username=fan.id)
    again = site.fleet("erase", "kasper", "--email", fan.email, *words)
    assert again.exit_code == 0, again.output
    assert "user-auth       nothing erased" in again.stderr

    assert site.about(other) == before, "nobody else's data was touched"
    assert "hello from Otto" in str(site.patiently("POST", "/account/export", token=other.token))
    for path in (site.workspace / "state").rglob("*"):
        assert path.is_dir() or not fan.in_text(path.read_text())
