"""The tally: what exchanges come to, added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.observe.exchanges import exchange, exchanges, head
from webproxy.observe.tally import BOUNDS, MOST, MOST_REASONS, OTHER, Tally

if TYPE_CHECKING:
    from webproxy.message.record import ExchangeRecord


def ended(**facts: object) -> ExchangeRecord:
    record = exchange(head())
    for name, value in facts.items():
        setattr(record, name, value)
    return record


def test_exchanges_are_added_up_by_class_and_status() -> None:
    tally = Tally()
    for record in (ended(), ended(), ended(status=404), ended(traffic_class="DEFAULT>LONG")):
        tally.exchange_ended(record)
    assert {key: cell.count for key, cell in tally.cells.items()} == {
        ("DEFAULT", 200): 2,
        ("DEFAULT", 404): 1,
        ("DEFAULT>LONG", 200): 1,
    }
    cell = tally.cells["DEFAULT", 200]
    assert (cell.received, cell.sent, cell.seconds, cell.waited) == (426, 10240, 5.0, 10 / 64)
    assert (cell.durations[BOUNDS.index(2.5)], sum(cell.durations)) == (2, 2)
    assert (cell.waits[BOUNDS.index(0.1)], sum(cell.waits)) == (2, 2)
    assert repr(tally) == "<Tally of 4>"
    assert repr(cell) == "<Cell of 2>"


def test_a_bound_belongs_to_what_it_bounds_and_the_last_has_none() -> None:
    tally = Tally()
    for seconds in (BOUNDS[0], BOUNDS[0] * 1.01, BOUNDS[-1], BOUNDS[-1] + 1):
        tally.exchange_ended(ended(started=0.0, ended=seconds, first_byte=None))
    cell = tally.cells["DEFAULT", 200]
    assert cell.durations == [1, 1, *[0] * (len(BOUNDS) - 3), 1, 1]
    assert sum(cell.waits) == 0


def test_who_ended_them_early_and_where_the_service_failed() -> None:
    tally = Tally()
    for by, phase in (("client", ""), ("upstream", "connect"), ("upstream", "body"), ("guard", "")):
        tally.exchange_ended(ended(closed_by=by, failed_in=phase))
    assert tally.ended_early == {"client": 1, "upstream": 2, "guard": 1}
    assert tally.failures == {"connect": 1, "head": 0, "body": 1}


def test_who_was_let_in_and_who_was_not() -> None:
    tally = Tally()
    for user, note in (("anna", ""), (None, "no credentials"), (None, "wrong password for anna"), (None, "")):
        tally.exchange_ended(ended(user=user, note=note, closed_by="access" if note else ""))
    tally.exchange_ended(ended(closed_by="access", note="wrong password for bert"))
    assert (tally.let_in, tally.turned_away) == (1, {"no credentials": 1, "wrong password": 2})
    for number in range(MOST_REASONS):
        tally.exchange_ended(ended(closed_by="access", note=f"reason {number}"))
    assert (len(tally.turned_away), tally.turned_away["other"]) == (MOST_REASONS + 1, 2)


def test_past_the_most_of_them_new_kinds_are_counted_together() -> None:
    tally = Tally()
    for number in range(MOST + 10):
        tally.exchange_ended(ended(traffic_class=f"C{number}"))
    tally.exchange_ended(ended(traffic_class="C0"))
    assert len(tally.cells) == MOST + 1
    assert tally.cells[OTHER].count == 10
    assert tally.cells["C0", 200].count == 2


@given(st.lists(exchanges(), max_size=20))
def test_whatever_happens_is_counted_once(records: list[ExchangeRecord]) -> None:
    tally = Tally()
    for record in records:
        tally.exchange_ended(record)
    assert sum(cell.count for cell in tally.cells.values()) == len(records)
    assert all(sum(cell.durations) == cell.count for cell in tally.cells.values())
