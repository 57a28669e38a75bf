"""Sessions: signed, expiring, bound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.access.session import LIFETIME, Session, Subject, read_session, set_cookie, signed

ADA = Subject(b"u", "ada ø".encode())
NAME = b"webproxy-session-1"
SECRET = b"s" * 32
NOW = 1_800_000_000
BINDINGS = {ADA: b"$2b$10$hash", Subject(b"k", b"\xff" * 32): b"digest"}


def read(value: bytes, *, now: float = NOW, name: bytes = NAME, secret: bytes = SECRET) -> Session | None:
    return read_session(value, now, BINDINGS.get, name, secret)


@pytest.mark.parametrize("subject", list(BINDINGS))
def test_what_was_signed_is_read(subject: Subject) -> None:
    value = signed(subject, NOW + 60, BINDINGS[subject], NAME, SECRET)
    assert read(value) == Session(subject, NOW + 60)
    assert value.translate(None, b"\x21\x23\x24\x25\x26'()*+-./:<=>?@[]^_`{|}~").isalnum()  # RFC 6265 §4.1.1


def test_it_ends() -> None:
    value = signed(ADA, NOW + 60, BINDINGS[ADA], NAME, SECRET)
    assert read(value, now=NOW + 59.9)
    assert not read(value, now=NOW + 60)


def test_none_is_good_for_longer_than_we_give() -> None:
    assert not read(signed(ADA, NOW + LIFETIME + 60, BINDINGS[ADA], NAME, SECRET))


def test_it_is_bound_to_credential_port_and_secret() -> None:
    value = signed(ADA, NOW + 60, BINDINGS[ADA], NAME, SECRET)
    assert not read(signed(ADA, NOW + 60, b"$2b$10$other", NAME, SECRET))
    assert not read(value, name=b"webproxy-session-2")
    assert not read(value, name=b"__Host-" + NAME)
    assert not read(value, secret=b"t" * 32)
    gone = Subject(b"u", b"bob")
    assert not read(signed(gone, NOW + 60, b"", NAME, SECRET))


@pytest.mark.parametrize("at", range(0, 110, 7))
def test_no_byte_may_differ(at: int) -> None:
    value = signed(ADA, NOW + 60, BINDINGS[ADA], NAME, SECRET)
    index = at % len(value)
    assert not read(value[:index] + bytes([value[index] ^ 1]) + value[index + 1 :])


@given(st.one_of(st.binary(max_size=120), st.from_regex(rb"[uk][A-Za-z0-9_-]{0,9}\.[0-9]{10}\.[0-9a-f]{64}")))
def test_nothing_else_is_read(value: bytes) -> None:
    assert read(value) is None


def test_a_name_that_is_no_base64_is_none() -> None:
    assert not read(b"uA.%d.%b" % (NOW + 60, b"0" * 64))


def test_the_cookie_s_attributes() -> None:
    assert set_cookie(b"n", b"v", secure=False) == b"n=v; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax"
    assert set_cookie(b"n", b"v", secure=True).endswith(b"; HttpOnly; SameSite=Lax; Secure")
