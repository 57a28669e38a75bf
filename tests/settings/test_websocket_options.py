"""The options about WebSockets."""

from __future__ import annotations

import math

import pytest

from webproxy.settings.websocket_options import WEBSOCKETS, ping_interval
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(("text", "seconds"), [("none", math.inf), ("30s", 30.0), ("1s", 1.0), ("2m", 120.0)])
def test_intervals(text: str, seconds: float) -> None:
    assert ping_interval(text) == seconds


@pytest.mark.parametrize("text", ["0", "500ms", "30", "often"])
def test_what_is_no_interval(text: str) -> None:
    with pytest.raises(TextError):
        ping_interval(text)


def test_each_default_and_each_example_can_be_read() -> None:
    for option in WEBSOCKETS:
        for text in (option.default, option.example):
            assert not text or option.parse(text)
