"""What a killed process leaves comes back, or is begun anew."""

from __future__ import annotations

import json
from typing import Any

import pytest

from webproxy.router.acme.begun import OLDEST, Begun, read
from webproxy.router.acme.request import new_key

ONE = Begun(("*.a.example.com",), new_key(), "https://a/dir", 100.0, "https://a/order/1", (("a", "_acme.a", "v"),))


def test_it_comes_back_and_shows_no_key() -> None:
    assert read(ONE.written()) == ONE
    assert repr(ONE) == "Begun(*.a.example.com: https://a/order/1)"
    assert repr(Begun((), "", "", 0.0)) == "Begun(: no order yet)"


@pytest.mark.parametrize(
    ("names", "directory", "now", "serves"),
    [
        (ONE.names, ONE.directory, 101.0, True),
        (("b.example.com",), ONE.directory, 101.0, False),
        (ONE.names, "https://b/dir", 101.0, False),
        (ONE.names, ONE.directory, 100.0 + OLDEST, False),
        (ONE.names, ONE.directory, 99.0, False),
    ],
)
def test_what_may_be_finished(names: tuple[str, ...], directory: str, now: float, serves: bool) -> None:
    assert ONE.serves(names, directory, now) is serves


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("names", None),
        ("names", [1]),
        ("key", "none"),
        ("key", 1),
        ("since", "soon"),
        ("since", None),
        ("url", None),
        ("shown", [["a"]]),
        ("shown", [1]),
    ],
)
def test_nonsense(name: str, value: Any) -> None:
    said = {**json.loads(ONE.written()), name: value}
    with pytest.raises(ValueError, match=r"makes no sense|the key is none"):
        read(json.dumps(said).encode())


def test_no_object() -> None:
    with pytest.raises(ValueError, match="it is none"):
        read(b"[]")
