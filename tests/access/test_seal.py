"""Known credentials, cut out of a head block: what is left is exactly the rest."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.access.keyed_digest import KeyedDigest
from webproxy.access.recognised import Grant
from webproxy.access.seal import Seal, seal
from webproxy.access.session import Subject
from webproxy.message.fields import Fields

DIGEST = KeyedDigest(b"k" * 32)
GRANT = Grant(Subject(b"u", b"ada"), "ada", ambient=True)
LOGIN = (b"Authorization", b"Basic YWRhOnB3")
SESSION = (b"cookie", b"a=1; webproxy-session-1=x;b=2")


def block(*pairs: tuple[bytes, bytes]) -> bytes:
    return b"GET / HTTP/1.1" + b"".join(b"\r\n%b: %b" % pair for pair in pairs) + b"\r\n\r\n"


def sealed(*pairs: tuple[bytes, bytes], ours: bool = True) -> Seal | None:
    return seal(Fields(pairs), GRANT, DIGEST, ours=ours)


def test_a_line_is_cut_out_wherever_it_stands() -> None:
    known = sealed(LOGIN)
    assert known is not None
    for others in ([], [(b"A", b"1")], [(b"A", b"1"), (b"B", b"2")]):
        for at in range(len(others) + 1):
            assert known.left_of(block(*others[:at], LOGIN, *others[at:])) == block(*others)


def test_of_a_cookie_field_only_the_session_is() -> None:
    known = sealed(SESSION, LOGIN)
    assert known is not None
    assert known.session
    assert known.left_of(block(SESSION, (b"A", b"1"), LOGIN)) == block((b"cookie", b"a=1;b=2"), (b"A", b"1"))
    assert known.left_of(block(LOGIN, SESSION)) == block((b"cookie", b"a=1;b=2"))
    alone = sealed((b"Cookie", b"webproxy-session-1=x"), ours=False)
    assert alone is not None
    assert alone.left_of(block((b"Cookie", b"webproxy-session-1=x"))) == block()


@pytest.mark.parametrize(
    "other",
    [
        block((b"Authorization", b"Basic YWRhOnB4")),
        block((b"Authorization", b"Basic YWRhOnB3x")),
        block((b"Authorization", b" Basic YWRhOnB3")),
        block((b"authorization", b"Basic YWRhOnB3")),
        block((b"X-Authorization", b"Basic YWRhOnB3")),
        block(),
    ],
)
def test_other_lines_are_not_known(other: bytes) -> None:
    known = sealed(LOGIN)
    assert known is not None
    assert known.left_of(other) is None


@pytest.mark.parametrize(
    ("pairs", "ours"),
    [
        ([LOGIN, LOGIN], True),
        ([LOGIN, (b"A", b"1"), (b"a", b"2")], True),
        ([LOGIN], False),
        ([(b"X-API-Key", b"wpk_1")], True),
        ([LOGIN, (b"X-API-Key", b"sk-1")], True),
    ],
)
def test_where_something_else_stands_in_the_same_fields_there_is_no_seal(
    pairs: list[tuple[bytes, bytes]], ours: bool
) -> None:
    assert sealed(*pairs, ours=ours) is None


def test_a_cookie_field_without_a_session_is_no_login() -> None:
    known = sealed(LOGIN, (b"Cookie", b"a=1"))
    assert known is not None
    assert not known.session
    assert known.left_of(block(LOGIN, (b"Cookie", b"other"))) == block((b"Cookie", b"other"))


LINES = st.lists(
    st.sampled_from([LOGIN, SESSION, (b"A", b"1"), (b"Authorization", b"x"), (b"Authorization", b"Basic YWRhOnB3 ")]),
    max_size=6,
)


@given(LINES)
def test_whatever_is_cut_out_of_is_left_as_it_was(pairs: list[tuple[bytes, bytes]]) -> None:
    known = sealed(LOGIN)
    assert known is not None
    left = known.left_of(block(*pairs))
    firsts = [value for name, value in pairs if name == b"Authorization"][:1]
    assert (left is not None) is (firsts == [LOGIN[1]])
    if left is not None:
        pairs.remove(LOGIN)
        assert left == block(*pairs)


@given(st.binary(max_size=120))
def test_any_block_is_cut_or_not(data: bytes) -> None:
    for known in (sealed(LOGIN), sealed(SESSION, LOGIN)):
        assert known is not None
        assert known.left_of(data + b"\r\n\r\n") is None or re.search(rb"\r\nAuthorization: Basic YWRhOnB3\r\n", data)
