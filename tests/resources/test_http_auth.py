"""Who gets in, who does not, and what upstream sees of it, as scripts of the wire."""

from __future__ import annotations

import pytest

from tests.guarded import EXPIRED, KEY, USERS, Guarded, asking, basic, fields
from tests.scripted import status
from webproxy.access.challenge import BASIC, BEARER, BEARER_INVALID

BROWSER = (b"Accept: text/html,*/*;q=0.8", b"Sec-Fetch-Mode: navigate")
RIGHT = basic("ada", "right")


def sent(pair: tuple[bytes, bytes]) -> bytes:
    return b"\r\n%b: %b\r\n" % pair


# Refused


@pytest.mark.parametrize(
    ("lines", "challenge"),
    [
        ((), BASIC),
        ((b"Accept: */*",), BASIC),
        (BROWSER, BASIC),
        ((b"Accept: application/json",), BEARER),
        ((b"X-Requested-With: XMLHttpRequest",), BEARER),
        ((b"Sec-Fetch-Mode: cors", b"Accept: */*"), BEARER),
        ((b"Authorization: Bearer nonsense", b"Accept: text/event-stream"), BEARER_INVALID),
        ((b"Authorization: Bearer nonsense",), BASIC),
    ],
)
def test_without_credentials_the_answer_is_a_challenge(
    lines: tuple[bytes, ...], challenge: tuple[bytes, bytes]
) -> None:
    wire = Guarded()
    client = wire.asks(*lines)
    answer = client.sees()
    assert status(answer) == 401
    assert sent(challenge) in answer
    assert challenge is BASIC or b'"type": "authentication_error"' in answer
    assert wire.attempts == 0
    (record,) = wire.records
    assert (record.user, record.closed_by) == (None, "access")


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (basic("ada", "wrong"), "wrong password for ada"),
        (basic("ada", "right" + "x" * 80), "wrong password for ada"),
        (basic("Ada", "right"), "unknown user"),
        (basic("right", ""), "unknown user"),
        (b"X-API-Key: wpk_nonsense", "no credentials"),
        (b"X-API-Key: " + EXPIRED, "no credentials"),
        (b"Authorization: Bearer " + EXPIRED, "unknown credentials"),
        (b"Authorization: " + KEY, "unknown credentials"),
        (b"Cookie: webproxy-session-12345=nonsense", "no credentials"),
    ],
)
def test_wrong_credentials_are_refused_and_the_log_says_which_kind(line: bytes, outcome: str) -> None:
    wire = Guarded()
    client = wire.asks(line)
    wire.trials.happen()
    assert status(client.sees()) == 401
    assert wire.attempts == 0
    assert wire.records[0].note == outcome


def test_what_can_be_read_in_two_ways_is_a_malformed_request() -> None:
    wire = Guarded()
    client = wire.asks(RIGHT, RIGHT)
    assert status(client.sees()) == 400
    assert (client.end, wire.attempts) == ("closed", 0)


def test_the_answer_does_not_wait_for_a_body() -> None:
    wire = Guarded()
    client = wire.asks(b"Content-Length: 1000000", b"Expect: 100-continue", start=b"POST / HTTP/1.1")
    answer = client.sees()
    assert status(answer) == 401
    assert b"\r\nConnection: close\r\n" in answer


def test_a_small_body_of_a_refused_request_does_not_end_the_connection() -> None:
    wire = Guarded()
    client = wire.asks(b"Content-Length: 4", start=b"POST / HTTP/1.1")
    assert status(client.sees()) == 401
    client.says(b"bodyGET / HTTP/1.1\r\nHost: h\r\n" + RIGHT + b"\r\n\r\n")
    wire.trials.happen()
    assert b"body" not in wire.lets_in(client)


# Let in


@pytest.mark.parametrize(
    ("lines", "user"),
    [
        ((RIGHT,), "ada"),
        ((basic("eve", "other"),), "eve"),
        ((b"Authorization: Bearer " + KEY,), "ci"),
        ((b"authorization: bearer " + KEY,), "ci"),
        ((b"X-API-Key: " + KEY,), "ci"),
        ((basic("anybody", KEY.decode()),), "ci"),
    ],
)
def test_a_good_credential_lets_in_and_goes_no_further(lines: tuple[bytes, ...], user: str) -> None:
    wire = Guarded(forward_user=True)
    for _ in range(3):
        client = wire.asks(*lines)
        wire.trials.happen()
        seen = wire.lets_in(client)
        assert (fields(seen, b"Authorization"), fields(seen, b"X-API-Key")) == ([], [])
        assert fields(seen, b"X-Forwarded-User") == [user.encode()]
    assert [record.user for record in wire.records] == [user] * 3
    assert wire.trials.count == (lines[0].startswith(b"Authorization: Basic") and user != "ci")


def test_the_users_name_is_told_only_when_asked_and_never_a_strangers_word() -> None:
    wire = Guarded()
    client = wire.asks(b"X-API-Key: " + KEY, b"X-Forwarded-User: root", b"X_Forwarded_User: root")
    assert b"root" not in wire.lets_in(client)
    wire = Guarded(forward_user=True, trusted=("203.0.113.0/24",))
    client = wire.asks(b"X-API-Key: " + KEY, b"X-Forwarded-User: root", b"X_Forwarded-User: root")
    seen = wire.lets_in(client)
    assert (fields(seen, b"X-Forwarded-User"), b"root" in seen) == ([b"ci"], False)


@pytest.mark.parametrize(
    "lines",
    [
        (b"Authorization: Bearer eyJ.own.token", b"Cookie: own=1"),
        (basic("jupyter", "own"),),
        (b"Authorization: token own",),
    ],
)
def test_what_is_the_services_passes_beside_a_key(lines: tuple[bytes, ...]) -> None:
    wire = Guarded()
    seen = wire.lets_in(wire.asks(b"X-API-Key: " + KEY, *lines))
    for line in lines:
        assert b"\r\n" + line + b"\r\n" in seen
    assert KEY not in seen


def test_what_is_ours_is_taken_out_even_where_something_else_authorised() -> None:
    wire = Guarded()
    seen = wire.lets_in(wire.asks(b"X-API-Key: " + KEY, basic("ada", "wrong"), b"Cookie: webproxy-session-9=x; own=1"))
    assert (fields(seen, b"Authorization"), fields(seen, b"Cookie")) == ([], [b"own=1"])
    assert wire.trials.count == 0


# What changes


def test_a_changed_password_ends_what_the_old_one_opened() -> None:
    wire = Guarded()
    client = wire.asks(RIGHT)
    wire.trials.happen()
    wire.lets_in(client)
    wire.ledger.changes(b"ada", USERS[b"eve"])
    client.says(asking(RIGHT))
    assert wire.trials.happen() == 1
    assert status(client.sees()) == 401


def test_a_password_that_is_changed_while_it_is_on_trial_does_not_open() -> None:
    wire = Guarded()
    client = wire.asks(RIGHT)
    wire.ledger.changes(b"ada", USERS[b"eve"])
    wire.trials.happen()
    assert status(client.sees()) == 401


def test_a_key_opens_until_it_expires() -> None:
    wire = Guarded()
    now = wire.guard._wall()
    (ci, _) = wire.ledger.keys.values()
    wire.ledger.keys[ci.digest] = ci._replace(expires=now + 60)
    client = wire.asks(b"X-API-Key: " + KEY)
    wire.lets_in(client)
    wire.passes(50)
    client = wire.asks(b"X-API-Key: " + KEY)
    wire.lets_in(client)
    wire.passes(11)
    wire.guard._wall = lambda: now + 61
    assert status(wire.asks(b"X-API-Key: " + KEY).sees()) == 401
