"""Verdicts are checked when they are made: what could harm cannot be said."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import pytest

from webproxy.policy import Changes, Deadlines, Rejection, TrafficClass, Verdict, reject

SLOW = TrafficClass("SLOW", 7200.0)


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        SLOW.limit = 1.0  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Verdict().why = "x"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["", "slow", "SLOW DOWN", "SLOW\n", "S" * 33, "1ST", "SL\u00d6W"])
def test_a_class_has_a_word_for_its_name(name: str) -> None:
    with pytest.raises(ValueError, match="is not one word in capitals"):
        TrafficClass(name, 1.0)


@pytest.mark.parametrize("limit", [0.0, -1.0, math.nan, -math.inf])
def test_limits_are_above_0(limit: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        TrafficClass("SLOW", limit)
    with pytest.raises(ValueError, match="the deadline stall is"):
        Deadlines(stall=limit)


def test_later_deadlines_replace_earlier_ones() -> None:
    assert Deadlines(connect=1.0, idle=2.0).then(Deadlines(idle=3.0, upload=math.inf)) == Deadlines(
        connect=1.0, idle=3.0, upload=math.inf
    )


@pytest.mark.parametrize("status", [200, 101, 399, 600])
def test_a_rejection_is_an_error(status: int) -> None:
    with pytest.raises(ValueError, match=f"400 to 599, not {status}"):
        reject(status, "No.")


@pytest.mark.parametrize("reason", ["", "No.\r\nSet-Cookie: a=b", "\0", "x" * 1001])
def test_a_rejection_has_a_sentence(reason: str) -> None:
    with pytest.raises(ValueError, match="reason is a sentence"):
        Rejection(403, reason)


def test_a_rejection_cannot_have_been_over_long_ago() -> None:
    assert Rejection(429, "Sp\xe4ter.", 0).retry_after == 0
    with pytest.raises(ValueError, match="must not be below 0"):
        Rejection(429, "Later.", -1)


def test_rejecting() -> None:
    client = Changes(add=[("RateLimit", "limit=5")])
    assert reject(429, "Later.", 5, client=client) == Verdict(rejection=Rejection(429, "Later.", 5), client=client)


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-A", "a\r\nX-B: b"), ("X-A", "a\0"), ("X-A", " a"), ("X-A", "a "), ("X-A", "\u20ac"), ("X-A", "\x7f")],
)
def test_values_cannot_break_out_of_their_field(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="is no value for the field"):
        Changes(add=[(name, value)])


@pytest.mark.parametrize("name", ["", "X A", "X-A:", "X-\u00c4", "X-A\r\n"])
def test_names_are_names(name: str) -> None:
    with pytest.raises(ValueError, match="is no field name"):
        Changes(add=[(name, "a")])
    with pytest.raises(ValueError, match="is no field name"):
        Changes(remove=[name])


@pytest.mark.parametrize(
    "name",
    ["Content-Length", "transfer-encoding", "CONNECTION", "Upgrade", "TE", "Trailer", "Host", "Expect", "Keep-Alive"],
)
def test_framing_is_the_proxys_own(name: str) -> None:
    with pytest.raises(ValueError, match="it is the proxy's own"):
        Changes(add=[(name, "a")])
    with pytest.raises(ValueError, match="it is the proxy's own"):
        Changes(remove=[name])


def test_changes_come_in_bytes() -> None:
    changes = Changes(add=iter([("X-A", "caf\xe9"), ("X-B", "")]), remove=iter(["X-Old"]))
    assert changes.add == (("X-A", "caf\xe9"), ("X-B", ""))
    assert changes.pairs == ((b"X-A", b"caf\xe9"), (b"X-B", b""))
    assert changes.names == {b"x-old"}


def test_later_changes_come_after_earlier_ones() -> None:
    both = Changes([("X-A", "1"), ("X-B", "1")], ["X-C"]).then(Changes([("X-D", "2")], ["x-a"]))
    assert both == Changes([("X-B", "1"), ("X-D", "2")], ["X-C", "x-a"])


@pytest.mark.parametrize("why", ["two words", "a\n", "x" * 65, "\xe9"])
def test_why_is_a_word_for_the_log(why: str) -> None:
    with pytest.raises(ValueError, match="why is one short word"):
        Verdict(traffic_class=SLOW, why=why)
