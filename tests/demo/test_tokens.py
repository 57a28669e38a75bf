"""The tests of ``webproxy/demo/tokens.py``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.demo.tokens import TEXT, count_tokens, reply, tokens


def test_the_reply_repeats_the_question() -> None:
    assert reply("  What is\nthis? ") == f"You wrote “What is this?”. {TEXT}"


@pytest.mark.parametrize("question", ["", " \n\t"])
def test_the_reply_to_nothing_is_the_text(question: str) -> None:
    assert reply(question) == TEXT


def test_a_long_question_is_cut() -> None:
    assert reply("x" * 81).startswith("You wrote “" + "x" * 79 + "…”. ")
    assert reply("x" * 80).startswith("You wrote “" + "x" * 80 + "”. ")


def test_tokens_joined_are_the_text() -> None:
    assert "".join(tokens(TEXT)) == TEXT
    assert len(list(tokens(TEXT))) == count_tokens(TEXT)


def test_a_text_shorter_than_asked_begins_anew() -> None:
    assert list(tokens("a b", 5)) == ["a", " b", " a", " b", " a"]


@given(st.text(min_size=1).filter(str.strip), st.integers(0, 50))
def test_as_many_tokens_as_asked(text: str, count: int) -> None:
    assert len(list(tokens(text, count))) == count
