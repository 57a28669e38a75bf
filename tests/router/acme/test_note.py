"""What is known beside a certificate survives, and nonsense does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from webproxy.router.acme.note import Note, read


def test_it_comes_back() -> None:
    found = Note("a1", "https://a/dir", "f", 2, 1.5, 3.0, "why", 1.0, 2.0, 1.5, 9.0)
    assert read(found.written()) == found
    assert read(b"{}") == Note()


@pytest.mark.parametrize(
    "said",
    [
        [],
        {"failures": -1},
        {"failures": True},
        {"failures": 1.5},
        {"why": None},
        {"next_try": "soon"},
        {"next_try": True},
        {"hold": float("inf")},
        {"chosen": float("nan")},
    ],
)
def test_nonsense(said: Any) -> None:
    with pytest.raises(ValueError, match=r"makes no sense|it is none"):
        read(json.dumps(said).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff"])
def test_half_a_file(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - in json's words
        read(data)
