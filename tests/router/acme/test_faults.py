"""An authority's words: kept, on one line, bounded; whether asking again makes sense."""

from __future__ import annotations

from typing import Any

import pytest

from webproxy.router.acme.faults import LONGEST, AuthorityError, plain, problem, retry_after

PREFIX = "urn:ietf:params:acme:error:"


def test_the_authoritys_own_words() -> None:
    said = {
        "type": f"{PREFIX}compound",
        "detail": "two things",
        "subproblems": [
            {"type": f"{PREFIX}dns", "detail": "no such name", "identifier": {"type": "dns", "value": "a.example.com"}},
            {"title": "a title"},
            "nonsense",
        ],
    }
    found = problem(said, 5.0, 400)
    assert found.why == "two things; a.example.com: no such name; a title (compound)"
    assert (found.type, found.retry_after, found.refused) == ("compound", 5.0, True)


@pytest.mark.parametrize("said", [None, [], 3])
def test_no_words_at_all(said: Any) -> None:
    assert problem(said, None, 502).why == "it answered 502, and does not say why"
    assert problem({"detail": 7, "type": 7}, None, 400).why == "it answered 400, and does not say why"


@pytest.mark.parametrize(
    ("type_", "status", "refused"),
    [
        ("unauthorized", 403, True),
        ("dns", 0, True),
        ("rateLimited", 429, False),
        ("rateLimited", 403, False),
        ("", 429, False),
        ("serverInternal", 500, False),
        ("", 503, False),
        ("badNonce", 400, False),
    ],
)
def test_whether_it_would_answer_the_same_again(type_: str, status: int, refused: bool) -> None:
    assert problem({"type": f"{PREFIX}{type_}"}, None, status).refused is refused


def test_nothing_that_a_terminal_obeys() -> None:
    assert AuthorityError("a\x1b[31m\r\nb\tc  d").why == "a [31m b c d"
    assert len(plain("x" * 10000)) == LONGEST
    assert plain("x" * 10000).endswith("…")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 0 ", 0.0),
        ("9" * 30, 9999999999.0),
        ("Thu, 01 Jan 1970 00:10:00 GMT", 500.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("x" * 65, None),
    ],
)
def test_rfc9110_10_2_3_retry_after(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, 100.0) == seconds
