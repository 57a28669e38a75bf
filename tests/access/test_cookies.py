"""Our cookies among others."""

from __future__ import annotations

import pytest

from webproxy.access.cookies import MOST_READ, cookie_name, cookie_values, without_ours
from webproxy.message.fields import Fields


def test_names_carry_the_port_and_where_it_can_be_the_prefix() -> None:
    assert cookie_name(12345, secure=False) == b"webproxy-session-12345"
    assert cookie_name(12345, secure=True) == b"__Host-webproxy-session-12345"


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ([], []),
        ([b"a=1"], []),
        ([b"webproxy-session-1=x"], [b"x"]),
        ([b"a=1; webproxy-session-1=x;b=2"], [b"x"]),
        ([b"webproxy-session-1=x; webproxy-session-1=y"], [b"x", b"y"]),
        ([b"webproxy-session-1=x", b"webproxy-session-1=y"], [b"x", b"y"]),
        ([b"webproxy-session-12=x"], []),
        ([b"__Host-webproxy-session-1=x"], []),
        ([b"a=webproxy-session-1=x"], []),
        ([b"webproxy-session-1"], []),
        ([b"Webproxy-Session-1=x"], []),
        ([b"webproxy-session-1=x=y"], [b"x=y"]),
        ([b"; ".join([b"webproxy-session-1=x"] * 9)], [b"x"] * MOST_READ),
    ],
)
def test_values_of_one_name(lines: list[bytes], values: list[bytes]) -> None:
    fields = Fields([(b"Cookie", line) for line in lines])
    assert cookie_values(fields, b"webproxy-session-1") == values


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (b"a=1; b=2", b"a=1; b=2"),
        (b"webproxy-session-1=x", b""),
        (b"a=1; webproxy-session-1=x; b=2", b"a=1; b=2"),
        (b"webproxy-session-1=x; a=1", b"a=1"),
        (b'a=1;  b="2";webproxy-session-2=y; c', b'a=1;  b="2"; c'),
        (b"__Host-webproxy-session-99=x;a=1", b"a=1"),
        (b"webproxy-session-=x; a=1", b"webproxy-session-=x; a=1"),
        (b"my-webproxy-session-1=x", b"my-webproxy-session-1=x"),
        (b"webproxy-session-1 =x; a=1", b"a=1"),
        (b"webproxy-session-1; a=1", b"a=1"),
    ],
)
def test_every_proxys_session_is_taken_out_and_nothing_else(line: bytes, left: bytes) -> None:
    assert without_ours(line) == left
