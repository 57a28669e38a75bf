"""A request that waits until its password has been verified."""

from __future__ import annotations

import bcrypt
import pytest

from tests.guarded import Guarded, asking, basic
from tests.scripted import status
from webproxy.access.throttle import DELAYS
from webproxy.resources.login import PATIENCE, is_right
from webproxy.resources.verification import WAITING

KEPT = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4))


def test_a_password_that_is_longer_than_bcrypt_looks_is_wrong() -> None:
    assert is_right(b"x" * 72, KEPT)
    assert not is_right(b"x" * 73, KEPT)
    assert not is_right(b"x" * 71, KEPT)


def test_a_client_that_leaves_is_forgotten() -> None:
    wire = Guarded()
    first, second = wire.asks(basic("ada", "1")), wire.asks(basic("ada", "2"), host="203.0.113.8")
    assert repr(second.protocol.request.responder).startswith("<Login from 203.0.113.8 for <Request ")
    for client in (second, first):
        client.leaves()
    assert wire.trials.happen() == 1  # that which was on trial already
    assert [record.status for record in wire.records] == [499, 499]
    assert wire.guard.throttle.failures("203.0.113.7", 0) == 1


def test_a_client_that_left_after_the_right_password_is_recognised_when_it_comes_again() -> None:
    wire = Guarded()
    wire.asks(basic("ada", "right")).leaves()
    wire.trials.happen()
    wire.lets_in(wire.asks(basic("ada", "right")))
    assert wire.trials.count == 1


def test_a_trial_that_takes_too_long_is_given_up() -> None:
    wire = Guarded()
    client = wire.asks(basic("ada", "right"))
    wire.passes(PATIENCE + 1)
    answer = client.sees()
    assert (status(answer), b"\r\nRetry-After: 2\r\n" in answer) == (503, True)
    assert wire.records[0].note == "login not looked at: too many wait"
    wire.trials.happen()
    assert client.sees() == b""


def test_a_stalled_client_changes_nothing() -> None:
    wire = Guarded()
    client = wire.asks(basic("ada", "right"), b"Content-Length: 3", start=b"PUT / HTTP/1.1")
    client.stalls()
    client.says(b"abc")
    client.catches_up()
    wire.trials.happen()
    assert wire.lets_in(client).endswith(b"\r\n\r\nabc")


def test_an_address_that_guesses_is_locked_out_with_the_time_it_must_wait() -> None:
    wire = Guarded()
    client = wire.client()
    for guess, delay in enumerate(DELAYS):
        client.says(asking(basic("ada", str(guess))))
        wire.passes(delay + 0.25)
        assert wire.trials.happen() == 1
        assert status(client.sees()) == 401
    client.says(asking(basic("ada", "right")))
    assert wire.trials.happen() == 0
    answer = client.sees()
    assert (status(answer), b"\r\nRetry-After: 15\r\n" in answer) == (429, True)
    assert wire.records[-1].note == "login not looked at: address locked"
    client.says(asking())  # whoever does not guess is asked, as ever
    assert status(client.sees()) == 401


def test_one_network_of_ipv6_is_one_address() -> None:
    wire = Guarded()
    for guess in range(len(DELAYS) + 1):
        client = wire.asks(basic("ada", str(guess)), host=f"2001:db8::{guess + 1}")
        wire.passes(2.5)
        wire.trials.happen()
    assert status(client.sees()) == 429


def test_who_was_let_in_before_is_let_in_from_a_locked_address() -> None:
    wire = Guarded()
    client = wire.asks(basic("eve", "other"))
    wire.trials.happen()
    wire.lets_in(client)
    for _ in range(9):
        wire.guard.throttle.failed("203.0.113.7", b"x", wire.reactor.seconds())
    assert status(wire.asks(basic("ada", "right")).sees()) == 429
    wire.lets_in(wire.asks(basic("eve", "other")))


def test_the_address_is_the_one_a_trusted_proxy_names() -> None:
    wire = Guarded(trusted=("203.0.113.7",))
    for _ in range(9):
        wire.guard.throttle.failed("198.51.100.1", b"x", wire.reactor.seconds())
    assert status(wire.asks(basic("ada", "right"), b"X-Forwarded-For: 198.51.100.1").sees()) == 429
    client = wire.asks(basic("ada", "right"), b"X-Forwarded-For: 198.51.100.1, 198.51.100.2")
    wire.trials.happen()
    wire.lets_in(client)


def test_a_full_line_is_a_service_that_is_busy() -> None:
    wire = Guarded()
    clients = [wire.asks(basic("ada", "x"), host=f"198.51.100.{number}") for number in range(WAITING + 2)]
    # the first is on trial; of the others the one that has been here longest goes
    assert [status(client.sees() or b"x 0 ") for client in clients] == [0, 503, *[0] * WAITING]


@pytest.mark.parametrize("user", ["ada", "nobody"])
def test_a_user_that_is_unknown_costs_a_trial_as_well(user: str) -> None:
    wire = Guarded()
    wire.asks(basic(user, "x"))
    assert wire.trials.happen() == 1
    assert wire.guard.throttle.failures("203.0.113.7", 0) == 1


def test_where_there_are_no_users_a_password_costs_nothing() -> None:
    wire = Guarded()
    for user in list(wire.ledger.users):
        wire.ledger.changes(user, None)
    assert status(wire.asks(basic("ada", "right")).sees()) == 401
    assert wire.guard.throttle.failures("203.0.113.7", 0) == 0
