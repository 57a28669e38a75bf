"""Public names, and the words that they are made of."""

from __future__ import annotations

import random
import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.router.names import LONGEST, LONGEST_CHOSEN, BadLabel, checked, made, propose
from webproxy.router.words import ANIMALS, GREEK, RESERVED

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def test_the_words_are_plain_and_each_is_there_once() -> None:
    words = [*ANIMALS, *GREEK]
    assert len(set(words)) == len(words)
    assert len(ANIMALS) >= 150
    assert all(re.fullmatch("[a-z]{3,11}", word) for word in words)


def test_no_word_is_one_letter_away_from_another() -> None:
    """On the telephone they would be taken for one another."""
    close = [
        (one, other)
        for one, other in combinations(ANIMALS, 2)
        if len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
    ]
    assert close == []


@pytest.mark.parametrize("label", ["myapp123", "MyApp", "a", "7", "a-b", "x" * LONGEST_CHOSEN])
def test_labels_that_may_be_chosen(label: str) -> None:
    assert checked(label) == label.lower()


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ("", "is no label"),
        ("-a", "is no label"),
        ("a-", "is no label"),
        ("a.b", "is no label"),
        ("a_b", "is no label"),
        ("bücher", "is no label"),
        ("a b", "is no label"),
        ("a\n", "is no label"),
        ("xn--bcher-kva", "two hyphens"),
        ("ab--c", "two hyphens"),
        ("x" * (LONGEST_CHOSEN + 1), "too long"),
        *((word, "reserved") for word in ("www", "ADMIN", "login-here", "mail")),
    ],
)
def test_labels_that_may_not(label: str, why: str) -> None:
    with pytest.raises(BadLabel, match=why):
        checked(label)


@given(st.text(max_size=80))
def test_whatever_is_taken_makes_a_sound_name(text: str) -> None:
    try:
        label = checked(text)
    except BadLabel:
        return
    name = propose(label, lambda _: False, random.Random(1))
    assert LABEL.fullmatch(name)
    assert len(name) <= LONGEST
    assert name[2:4] != "--"


@given(st.integers())
def test_made_labels_may_be_chosen(seed: int) -> None:
    label = made(random.Random(seed))
    assert checked(label) == label
    assert label not in RESERVED


def test_a_name_is_nobody_elses() -> None:
    seen: set[str] = set()
    chance = random.Random(7)
    for _ in range(2000):
        name = propose("app", seen.__contains__, chance)
        assert name not in seen
        seen.add(name)
    with pytest.raises(BadLabel, match="nearly all names with 'app' are taken"):
        propose("app", lambda _: True, chance)
