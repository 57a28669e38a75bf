"""RFC 9110 §7.6.1: what ends at this hop."""

from __future__ import annotations

import pytest

from webproxy.message.fields import Fields
from webproxy.message.hop_by_hop import HOP_BY_HOP, end_to_end, nominated


@pytest.mark.parametrize("name", sorted(HOP_BY_HOP))
def test_hop_by_hop_fields_go_in_any_case(name: bytes) -> None:
    kept = [(b"Host", b"a"), (b"X", b"1")]
    assert end_to_end(Fields([kept[0], (name.title(), b"y"), kept[1]])) == kept


def test_what_connection_names_goes() -> None:
    fields = Fields([(b"X-A", b"1"), (b"Connection", b"close, x-a , X-B"), (b"x-b", b"2"), (b"X-C", b"3")])
    assert end_to_end(fields) == [(b"X-C", b"3")]


def test_what_any_of_several_connection_lines_names_goes() -> None:
    fields = Fields([(b"Connection", b"x-a"), (b"X-A", b"1"), (b"connection", b"x-b"), (b"X-B", b"2")])
    assert end_to_end(fields) == []


def test_order_repetition_and_case_of_the_rest_are_kept() -> None:
    pairs = [(b"Set-Cookie", b"a=1"), (b"VIA", b"x"), (b"set-cookie", b"b=2"), (b"Content-Length", b"5")]
    assert end_to_end(Fields(pairs)) == pairs


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (b"keep-alive", set()),
        (b"Keep-Alive, Upgrade", set()),
        (b"close,TE,upgrade", {b"close"}),
        (b"x-a, Host", {b"x-a", b"host"}),
        (b"", set()),
    ],
)
def test_nominated_are_the_names_beyond_the_ordinary(value: bytes, named: set[bytes]) -> None:
    assert nominated(Fields([(b"Connection", value)])) == named


def test_without_connection_nothing_is_nominated() -> None:
    assert nominated(Fields([(b"X", b"1")])) == frozenset()
