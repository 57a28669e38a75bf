"""The retry rule, branch by branch (RFC 9110 §9.2.2, RFC 9112 §9.3.1)."""

from __future__ import annotations

from typing import Any

import pytest

from webproxy.errors import UpstreamGone, UpstreamProtocolError, UpstreamRefused, UpstreamTimeout
from webproxy.upstream.retry import may_retry, repeatable

UNSEEN = UpstreamGone("gone", bytes_sent=100, head_received=False)


def may(error: Any = UNSEEN, method: bytes = b"GET", **given: Any) -> bool:
    facts: dict[str, Any] = {"reused": True, "body_taken": False, "attempts": 1, **given}
    return may_retry(error, method, **facts)


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"])
def test_what_is_idempotent_is_repeated_when_a_reused_connection_swallowed_it(method: bytes) -> None:
    assert may(method=method)


@pytest.mark.parametrize("method", [b"POST", b"PATCH", b"PURGE"])
def test_what_is_not_idempotent_is_repeated_only_if_nothing_was_written(method: bytes) -> None:
    assert not may(method=method)
    assert may(UpstreamGone("gone", bytes_sent=0, head_received=False), method)


def test_never_twice() -> None:
    assert not may(attempts=2)


def test_not_on_a_connection_that_was_new() -> None:
    assert not may(reused=False)


def test_not_when_a_byte_of_the_answer_came() -> None:
    assert not may(UpstreamGone("gone", bytes_sent=100, head_received=True))


def test_not_when_the_body_is_gone() -> None:
    assert not may(body_taken=True)


@pytest.mark.parametrize(
    "error", [UpstreamRefused("refused"), UpstreamTimeout("late", "head"), UpstreamProtocolError("not HTTP")]
)
def test_no_other_failure_is_repeated(error: Exception) -> None:
    assert not may(error)


@pytest.mark.parametrize(
    ("method", "body", "may"),
    [(b"GET", 0, True), (b"DELETE", 0, True), (b"PUT", 5, False), (b"GET", -1, False), (b"POST", 0, False)],
)
def test_what_could_be_asked_again(method: bytes, body: int, may: bool) -> None:
    assert repeatable(method, body) is may
