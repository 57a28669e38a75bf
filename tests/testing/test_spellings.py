"""Spellings are many, differ, can be sent, and come out the same every time."""

from __future__ import annotations

from itertools import chain

import pytest

from webproxy.testing import request, spellings
from webproxy.testing.spellings import AFTER, BEFORE, INSIDE, LETTERS

EVERY = len(BEFORE) * len(AFTER) * len(INSIDE) * len(LETTERS)


@pytest.mark.parametrize("path", ["/api/delete", "/props"])
def test_there_are_many(path: str) -> None:
    assert len(set(spellings(path))) > 150
    assert len(set(spellings(path, EVERY))) > 800
    assert list(spellings(path)) == list(spellings(path))


def test_of_each_kind_there_are_some() -> None:
    spelled = set(spellings("/api/delete", EVERY))
    kinds = (
        "//api",
        "/API/DELETE",
        "%2f",
        "%5c",
        "%00",
        "%25",
        "/../",
        "%2e",
        "/ollama",
        "http://somewhere/",
        ";",
        "%3f",
    )
    assert [kind for kind in kinds if not any(kind in one for one in spelled)] == []
    assert "/api/delete" in spelled


def test_the_proxy_takes_them_for_requests() -> None:
    for spelled in chain(spellings("/api/delete", EVERY), spellings("/props", EVERY)):
        assert request("POST", spelled).path.startswith("/")
