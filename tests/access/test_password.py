"""Passwords that can be set, and those that cannot."""

from __future__ import annotations

import pytest

from webproxy.access.password import LONGEST, wrong_password


@pytest.mark.parametrize("password", ["x", " x ", "a:b", "pässwörd å", "🦊🦊", "x" * LONGEST, "ä" * (LONGEST // 2)])
def test_what_can_be_set(password: str) -> None:
    assert wrong_password(password.encode()) is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        (b"", "is empty"),
        (b"a\nb", "contains a control character, which no client can send"),
        (b"a\0b", "contains a control character, which no client can send"),
        (b"x" * 73, "has 73 bytes, and bcrypt looks at the first 72 only"),
        ("🦊".encode() * 19, "has 76 bytes, and bcrypt looks at the first 72 only"),
    ],
)
def test_what_cannot(password: bytes, fault: str) -> None:
    assert wrong_password(password) == fault
