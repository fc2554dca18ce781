from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.operations.fingerprints import digest, does_no_more, fingerprint, normalised
from fleet_tui.operations.model import Action, PlanBasis, PlanSummary, ResourceChange, RiskLevel
from fleet_tui.operations.risk_findings import Finding
from tests.operations.planned import creator

KASPER = creator()
MINA = creator("mina-moor", "210000000002")
BASIS = PlanBasis(configuration="c" * 64, serial=3, lineage="l")


def record(of, action=Action.CREATE, **more):
    address = f'module.s3_website[0].aws_route53_record.this["www.{of.domain}"]'
    return ResourceChange(address=address, type="aws_route53_record", action=action, **more)


changes = st.lists(
    st.builds(
        ResourceChange,
        address=st.text("abc._", min_size=1, max_size=6),
        type=st.sampled_from(["aws_sqs_queue", "aws_iam_role"]),
        action=st.sampled_from(Action),
        changed=st.lists(st.sampled_from(["a", "b"]), unique=True).map(tuple),
    ),
    max_size=6,
)


def test_a_creators_own_names_in_keys_do_not_count():
    assert normalised(record(KASPER).address, KASPER) == normalised(record(MINA).address, MINA)
    assert "{domain}" in normalised(record(KASPER).address, KASPER)
    assert fingerprint([record(KASPER)], creator=KASPER) == fingerprint([record(MINA)], creator=MINA)


def test_names_outside_of_keys_and_parts_of_other_words_count():
    assert normalised("module.kasper.aws_x.this", KASPER) == "module.kasper.aws_x.this"
    assert normalised('aws_x.this["kaspers"]', KASPER) == 'aws_x.this["kaspers"]'
    assert normalised('aws_x.this["kasper-site"]', KASPER) == 'aws_x.this["{slug}-site"]'


def test_names_actions_and_risks_count():
    plain = fingerprint([record(KASPER)])
    others = [
        fingerprint([record(KASPER, Action.UPDATE)]),
        fingerprint([record(KASPER, changed=("ttl",))]),
        fingerprint([record(KASPER, imported=True)]),
        fingerprint([record(KASPER)], [Finding(RiskLevel.HIGH, "public", "a", "b")]),
        fingerprint([record(KASPER)], outputs_changed=True),
        fingerprint([record(KASPER), record(KASPER)]),
    ]
    assert len({plain, *others}) == 7


@given(changes)
def test_the_order_of_changes_does_not_count(found):
    assert fingerprint(found) == fingerprint(list(reversed(found)))


@given(changes, changes)
def test_plans_are_alike_where_addresses_actions_and_names_are_and_nowhere_else(one, other):
    def told(found):
        return sorted((change.address, change.action, change.changed) for change in found)

    assert (fingerprint(one) == fingerprint(other)) == (told(one) == told(other))


def test_the_digest_is_of_one_creator_and_one_configuration():
    def of(slug="kasper", account="1", basis=BASIS, found=()):
        return digest(slug, account, found, basis, fingerprint="f")

    moved = BASIS.model_copy(update={"serial": 4})
    assert of() == of(basis=moved)  # that is for staleness to say
    edited = BASIS.model_copy(update={"configuration": "d" * 64})
    assert len({of(), of(slug="mina"), of(account="2"), of(basis=edited), of(found=[record(KASPER)])}) == 5


def test_what_is_left_of_an_approved_plan_may_be_done():
    first, second = record(KASPER), record(KASPER, Action.UPDATE)
    approved = PlanSummary(changes=(first, second), basis=BASIS)
    moved = BASIS.model_copy(update={"serial": 4})
    assert does_no_more(approved, PlanSummary(changes=(second,), basis=moved))
    assert not does_no_more(approved, PlanSummary(changes=(record(MINA),), basis=moved))
    assert not does_no_more(approved, PlanSummary(changes=(first,)))
    assert not does_no_more(approved, PlanSummary(changes=(first,), outputs_changed=True, basis=moved))
    for other in ({"configuration": "d" * 64}, {"lineage": "another"}):
        assert not does_no_more(approved, PlanSummary(changes=(first,), basis=BASIS.model_copy(update=other)))


def test_the_first_apply_makes_the_lineage():
    none = BASIS.model_copy(update={"serial": None, "lineage": None})
    approved = PlanSummary(changes=(record(KASPER),), basis=none)
    assert does_no_more(approved, PlanSummary(changes=(record(KASPER),), basis=BASIS))
