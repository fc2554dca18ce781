from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet_tui.observatory.agenda import CLOSE_PACE, PACES, Agenda, next_pause
from fleet_tui.observatory.model import Facet

facets = st.sampled_from(Facet)
looks = st.tuples(st.sampled_from(["kasper", "mina-moor", "otto-okto"]), facets)


@given(st.lists(st.tuples(looks, st.floats(0, 100))), st.floats(0, 100))
def test_what_is_due_is_taken_once_and_earliest_first(puts, now):
    agenda = Agenda()
    for look, at in puts:
        agenda.put(look, at)
    due = dict(puts)  # the last word on each look holds
    taken = []
    while (look := agenda.take(now)) is not None:
        taken.append(look)
    assert sorted(taken, key=repr) == sorted((look for look, at in due.items() if at <= now), key=repr)
    assert [due[look] for look in taken] == sorted(due[look] for look in taken)
    left = [at for at in due.values() if at > now]
    assert agenda.wait(now) == (min(left) - now if left else None)


def test_nobody_who_has_gone_is_looked_at():
    agenda = Agenda()
    agenda.put(("kasper", Facet.DEPLOY), 0)
    agenda.drop(frozenset({"kasper"}))
    assert agenda.take(1) is None
    assert agenda.wait(1) is None


@given(facets, st.integers(0, 200), st.booleans(), st.floats(0, 1))
def test_a_pause_is_positive_and_never_longer_than_it_helps(facet, failures, closely, jitter):
    pause = next_pause(facet, PACES[facet], failures, closely=closely, jitter=jitter)
    assert 0 < pause <= 1.05 * max(600.0, PACES[facet])


@given(facets, st.integers(1, 100))
def test_each_failure_lets_more_time_pass(facet, failures):
    pause = next_pause(facet, PACES[facet], failures, closely=False, jitter=0.5)
    assert next_pause(facet, PACES[facet], failures + 1, closely=False, jitter=0.5) >= pause


def test_a_stream_on_the_screen_is_looked_at_at_the_pace_of_its_metrics():
    assert next_pause(Facet.STREAM, PACES[Facet.STREAM], 0, closely=True, jitter=0.5) == CLOSE_PACE
