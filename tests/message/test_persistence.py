"""RFC 9112 §9.3, one test per rule of its list."""

from __future__ import annotations

import pytest

from webproxy.message.fields import Fields
from webproxy.message.persistence import persistent


def connection(value: bytes) -> Fields:
    return Fields([(b"Connection", value)])


@pytest.mark.parametrize("minor", [0, 1])
@pytest.mark.parametrize("value", [b"close", b"Close", b"keep-alive, close", b"close,keep-alive", b"x,\tclose"])
def test_first_rule_close(value: bytes, minor: int) -> None:
    assert not persistent(connection(value), minor)


def test_first_rule_close_on_any_of_several_lines() -> None:
    assert not persistent(Fields([(b"Connection", b"keep-alive"), (b"connection", b"close")]), 1)


@pytest.mark.parametrize("fields", [Fields(), connection(b""), connection(b"keep-alive"), connection(b"Upgrade")])
def test_second_rule_http_1_1_persists(fields: Fields) -> None:
    assert persistent(fields, 1)


@pytest.mark.parametrize("value", [b"keep-alive", b"Keep-Alive", b"x, keep-alive"])
def test_third_rule_http_1_0_persists_when_asked(value: bytes) -> None:
    assert persistent(connection(value), 0)


@pytest.mark.parametrize("fields", [Fields(), connection(b""), connection(b"upgrade"), connection(b"not-close")])
def test_fourth_rule_http_1_0_closes(fields: Fields) -> None:
    assert not persistent(fields, 0)


def test_a_member_that_only_looks_like_close_is_none() -> None:
    assert persistent(connection(b"closed, close;x"), 1)
