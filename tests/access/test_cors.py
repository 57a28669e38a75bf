"""What our own answers say to pages of other origins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from webproxy.access.cors import is_listed, is_preflight, own_answer_pairs, preflight_answer
from webproxy.message.parser import parse_request

if TYPE_CHECKING:
    from webproxy.message.head import RequestHead

APP = b"https://app.example"
ASK = ("Origin: https://app.example", "Access-Control-Request-Method: POST")


def head(*lines: str, method: str = "OPTIONS") -> RequestHead:
    return parse_request("\r\n".join([f"{method} /v1 HTTP/1.1", "Host: h", *lines, "", ""]).encode())


@pytest.mark.parametrize(
    ("asked", "is_one"),
    [
        (head(*ASK), True),
        (head(*ASK, method="GET"), False),
        (head(*ASK, "Content-Length: 2"), False),
        (head(*ASK, "Transfer-Encoding: chunked"), False),
        (head(ASK[0]), False),
        (head(ASK[1]), False),
        (head("Origin:", ASK[1]), False),
    ],
)
def test_a_real_preflight(asked: RequestHead, is_one: bool) -> None:
    assert is_preflight(asked) is is_one


def test_who_is_listed() -> None:
    assert is_listed(APP, {APP})
    assert is_listed(APP, {b"*"})
    assert not is_listed(APP, frozenset())
    assert not is_listed(b"http://app.example", {APP})
    assert not is_listed(None, {b"*"})


def test_the_answer_allows_what_was_asked_and_authorization() -> None:
    pairs = dict(preflight_answer(head(*ASK, "Access-Control-Request-Headers: X-Stainless-OS, content-type, bad name")))
    assert pairs[b"Access-Control-Allow-Origin"] == APP
    assert pairs[b"Access-Control-Allow-Methods"] == b"POST"
    assert pairs[b"Access-Control-Allow-Headers"] == b"x-stainless-os, content-type, authorization, x-api-key"
    assert b"Access-Control-Request-Headers" in pairs[b"Vary"]
    assert b"Access-Control-Allow-Credentials" not in pairs


def test_a_method_that_is_none_is_not_repeated() -> None:
    asked = head("Origin: https://app.example", "Access-Control-Request-Method: a b")
    assert b"Access-Control-Allow-Methods" not in dict(preflight_answer(asked))


def test_own_answers_may_be_read_by_listed_pages_only() -> None:
    asked = head(ASK[0])
    assert own_answer_pairs(asked, frozenset()) == ()
    assert dict(own_answer_pairs(asked, {APP}))[b"Access-Control-Allow-Origin"] == APP
    for other in (head(), head("Origin: https://evil.example")):
        assert own_answer_pairs(other, {APP}) == ((b"Vary", b"Origin"),)
