"""The memo: what is known is not written twice, and what is remembered is bounded."""

from __future__ import annotations

from webproxy.observe.memo import Memo


class Author:
    """Writes values, and remembers which."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def __call__(self, value: str) -> str:
        self.written.append(value)
        return value.upper()


def test_a_known_value_is_not_written_again() -> None:
    author = Author()
    memo = Memo(author)
    assert [memo["a"], memo["b"], memo["a"]] == ["A", "B", "A"]
    assert author.written == ["a", "b"]


def test_a_full_memo_is_emptied_and_goes_on() -> None:
    memo = Memo(Author(), entries=3)
    for value in "abcdefg":
        assert memo[value] == value.upper()
        assert len(memo) <= 3
    assert dict(memo) == {"g": "G"}


def test_a_long_text_is_written_but_not_remembered() -> None:
    memo = Memo(Author(), longest=4)
    assert memo["abcde"] == "ABCDE"
    assert memo["abcd"] == "ABCD"
    assert dict(memo) == {"abcd": "ABCD"}
