"""What membership and Stripe keep of one person: handed out, or erased.

Whoever erases must not be charged again: what runs ends at once. Stripe keeps its invoices, because tax law
wants them. A person is known by the member's id alone: whose an address is that was typed at the checkout,
nobody has proven.
"""

from __future__ import annotations

from datetime import UTC, datetime

from membership.looking import billing_at, members, seen_by
from membership.model import Member
from membership.rules import is_running
from membership.stripe_api import Billing
from shared.privacy import Erased, Exported, Kept, Person, privacy, tax_reason, tax_records_until
from shared.problems import busy
from shared.tables import attempts


def export(person: Person) -> Exported:
    """The member's item, and at Stripe the customer, the subscriptions and the invoices."""
    member = members.get(person.member) if person.member else None
    if member is None:
        return Exported(documents={})
    documents = {"membership": [member.model_dump(mode="json")]}
    billing = billing_at(datetime.now(UTC)) if member.customer else None
    if member.customer and billing and billing.knows(member.customer):
        documents |= {
            "customer": [billing.customer(member.customer)],
            "subscriptions": [
                subscription.model_dump(mode="json")
                for subscription in billing.subscriptions(member.customer)
            ],
            "invoices": billing.invoices(member.customer),
        }
    return Exported(documents={kind: found for kind, found in documents.items() if found})


def erase(person: Person, now: datetime) -> Erased:
    """End what runs, forget the member, and say how many invoices stay.

    Raises:
        ProblemError: 503, Stripe does not answer, or the table stays contended.
    """
    for _ in attempts():
        member = members.get(person.member) if person.member else None
        if member is None:
            return Erased(erased=0)
        kept = _end_at_stripe(billing_at(now), member, now) if member.customer else ()
        if members.remove(member):
            return Erased(erased=1, kept=kept)
    raise busy()


def _end_at_stripe(billing: Billing, member: Member, now: datetime) -> tuple[Kept, ...]:
    customer = str(member.customer)
    if not billing.knows(customer):
        return ()
    _, session = seen_by(billing, member, now)
    if session and session.url:
        billing.expire(session.id)  # or it has been paid by now, and is among the subscriptions
    for subscription in billing.subscriptions(customer):
        if is_running(subscription):
            billing.cancel(subscription.id)
    invoices = billing.invoices(customer)
    if not invoices:
        billing.delete_customer(customer)
        return ()
    until = tax_records_until(max(datetime.fromtimestamp(made["created"], tz=UTC) for made in invoices))
    why = tax_reason(until)
    return (Kept(what="invoices at Stripe, and whom they are to", count=len(invoices), why=why),)


handler = privacy(export, erase)
