"""What the guard knows and remembers."""

from __future__ import annotations

from tests.guarded import KEY, Guarded, basic
from webproxy.access.recognised import MOST


def test_it_shows_no_secret() -> None:
    wire = Guarded()
    client = wire.asks(basic("ada", "right"))
    wire.trials.happen()
    wire.lets_in(client)
    wire.lets_in(wire.asks(b"X-API-Key: " + KEY))
    shown = repr(wire.guard)
    assert shown == (
        "<Guard <Recognised grants=2> <Throttle places=0 users=0> <Verification free=1 waiting=0 delayed=0>>"
    )


def test_what_is_remembered_of_those_who_came_in_is_bounded() -> None:
    wire = Guarded()
    for number in range(MOST + 10):
        wire.guard.remember(b"%d" % number, b"ada")
    assert len(wire.guard.recognised) == MOST
    assert not wire.guard.is_known(b"0")
    assert wire.guard.is_known(b"%d" % (MOST + 9))


def test_names_that_are_no_utf8_can_be_written_down() -> None:
    wire = Guarded()
    wire.guard.remember(b"digest", b"\xff")
    grant = wire.guard.recognised.get(b"digest", 0.0)
    assert grant is not None
    assert grant.user == r"\xff"


def test_unknown_users_cost_what_known_ones_cost_now() -> None:
    wire = Guarded()
    decoy = wire.guard.decoys.hash_for(b"nobody")
    assert decoy is not None
    assert decoy.startswith(b"$2b$04$")
    for user in list(wire.ledger.users):
        wire.ledger.changes(user, None)
    assert wire.guard.decoys.hash_for(b"nobody") is None
