"""What operators see of the members, what is told of one person, and what the log says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lambdas.functions import MEMBER
from tests.lambdas.membership.membership_api import OTHER, Membership

MEMBERS = [f"6f1c7a3e-0000-4000-8000-{number:012d}" for number in range(5)]


def test_members_are_listed_by_state_and_tier_page_by_page(site: Membership) -> None:
    for number, member in enumerate(MEMBERS):
        site.subscribe("queen" if number > 2 else "bee", member)
    site.deliver_all()
    site.begin(member=OTHER)
    listed, cursor = [], ""
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = site.operator("/members", **query).body
        assert len(page["members"]) <= 2
        listed += [member["id"] for member in page["members"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert sorted(listed) == MEMBERS
    queens = site.operator("/members", tier="queen", state="active").body["members"]
    assert {member["id"] for member in queens} == set(MEMBERS[3:])
    assert queens[0]["customer"].startswith("cus_")
    assert queens[0]["subscription"].startswith("sub_")
    (waiting,) = site.operator("/members", state="checkout").body["members"]
    assert (waiting["id"], waiting["tier"], waiting["price"]) == (OTHER, None, None)
    for wrong in ({"state": "rich"}, {"tier": "#"}, {"limit": "0"}, {"sort": "name"}):
        assert site.operator("/members", **wrong).status == 422
    first = site.operator("/members", limit="1").body["next_cursor"]
    foreign = site.operator("/members", state="ended", cursor=first)
    assert (foreign.status, foreign.problem) == (400, "bad-cursor")


def test_figures_count_who_is_there_and_what_is_paid(site: Membership) -> None:
    assert site.operator("/figures").body == {"groups": [], "monthly_revenue": []}
    site.subscribe("bee", MEMBERS[0])
    site.subscribe("queen", MEMBERS[1])
    owing = site.subscribe("queen", MEMBERS[2])
    site.begin(member=MEMBERS[3])
    site.stripe.renew(owing, paid=False)
    site.deliver_all()
    figures = site.operator("/figures").body
    assert {(group["tier"], group["state"]): group["members"] for group in figures["groups"]} == {
        ("bee", "active"): 1,
        ("queen", "active"): 1,
        ("queen", "grace"): 1,
        (None, "checkout"): 1,
    }
    assert figures["monthly_revenue"] == [{"currency": "EUR", "amount": 2_000}]


@pytest.mark.parametrize("path", ["/members", "/figures"])
def test_members_are_no_operators(site: Membership, path: str) -> None:
    answer = site.call("manage_members", "GET", f"/membership{path}", member=MEMBER, groups=("admin",))
    assert (answer.status, answer.problem) == (403, "forbidden")


def test_an_export_has_all_of_one_person(site: Membership) -> None:
    assert site.privacy("export", member=MEMBER) == {"documents": {}, "person": None}
    subscription = site.member()
    site.member(member=OTHER)
    documents = site.privacy("export", member=MEMBER)["documents"]
    assert documents["membership"][0]["id"] == MEMBER
    assert [found["id"] for found in documents["subscriptions"]] == [subscription]
    assert [(found["amount_paid"], found["status"]) for found in documents["invoices"]] == [(500, "paid")]
    assert documents["customer"][0]["email"] == "beate@honey.example"
    assert OTHER not in str(documents)
    # Nobody has proven whose an address is that was typed at the checkout.
    assert site.privacy("export", email="beate@honey.example")["documents"] == {}
    assert site.privacy("erase", email="beate@honey.example") == {"erased": 0, "kept": []}


def test_who_is_erased_is_charged_no_more_and_the_invoices_stay(site: Membership) -> None:
    subscription = site.member()
    site.member(member=OTHER)
    (kept,) = site.privacy("erase", member=MEMBER)["kept"]
    assert kept["count"] == 1
    assert "§ 147 AO" in kept["why"]
    assert site.stripe.client().v1.subscriptions.retrieve(subscription).status == "canceled"
    assert not [item for item in site.items() if MEMBER in str(item)]
    assert site.entitlement() is None
    assert site.privacy("erase", member=MEMBER) == {"erased": 0, "kept": []}
    assert site.deliver(site.stripe.events("customer.subscription.deleted")[0]).body == {"outcome": "ignored"}
    assert site.me().body["state"] == "none"
    assert site.me(OTHER).body["is_member"]


def test_who_never_paid_leaves_nothing_and_their_checkout_is_closed(site: Membership) -> None:
    session = str(site.begin().body["url"]).rpartition("/")[2]
    assert site.privacy("erase", member=MEMBER) == {"erased": 1, "kept": []}
    with pytest.raises(AssertionError, match="it is expired"):
        site.stripe.complete_checkout(session)
    assert not site.stripe.client().v1.customers.list().data
    assert not site.items("MEMBER#")


def test_an_erasure_that_failed_is_finished_when_it_is_asked_again(
    site: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    from membership.handlers.membership_privacy import members
    from shared.background import BackgroundError

    subscription = site.member()

    def fall(_: Any) -> bool:
        raise RuntimeError("the machine stops here")

    with monkeypatch.context() as stopped:
        stopped.setattr(members, "remove", fall)
        with pytest.raises(BackgroundError):
            site.privacy("erase", member=MEMBER)
    assert site.stripe.client().v1.subscriptions.retrieve(subscription).status == "canceled"
    answer = site.privacy("erase", member=MEMBER)
    assert (answer["erased"], answer["kept"][0]["count"]) == (1, 1)


def test_the_log_knows_no_member(site: Membership, capsys: Any) -> None:
    subscription = site.member()
    site.portal()
    site.begin("queen")
    site.stripe.renew(subscription, paid=False)
    site.deliver_all()
    site.reconcile()
    customer = site.operator("/members", state="grace").body["members"][0]["customer"]
    site.privacy("export", member=MEMBER)
    site.privacy("erase", member=MEMBER)
    written = site.log.getvalue() + "".join(capsys.readouterr())
    assert "stripe event" in written
    for secret in (MEMBER, customer, "beate@honey.example", "sk_test", "whsec", "cs_test"):
        assert secret not in written
