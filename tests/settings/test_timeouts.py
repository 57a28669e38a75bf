"""Idle limits by class."""

from __future__ import annotations

import math

import pytest

from webproxy.settings.timeouts import timeouts
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("default=60s", {"default": 60}),
        (" default = 500ms ", {"default": 0.5}),
        ("default=none", {"default": math.inf}),
    ],
)
def test_reads_limits(text: str, limits: dict[str, float]) -> None:
    assert timeouts(text) == limits


@pytest.mark.parametrize(
    ("text", "what", "right"),
    [
        ("60s", "'60s' names no class", "write name=duration, as in default=60s"),
        ("", "'' names no class", "write name=duration, as in default=60s"),
        ("default=60s,", "'' names no class", "write name=duration, as in default=60s"),
        ("defualt=60s", "there is no class 'defualt'", "did you mean default? the classes are: default"),
        ("stream=10m", "there is no class 'stream'", "the classes are: default"),
        ("default=1s,default=2s", "default is given twice", "give each class once"),
        ("default=60", "default=60: '60' has no unit", "60s are seconds, 60ms milliseconds, or none for no limit"),
        ("default=0s", "default=0s would cut every exchange at once", "give a duration, or none for no limit"),
    ],
)
def test_refuses(text: str, what: str, right: str) -> None:
    with pytest.raises(TextError) as caught:
        timeouts(text)
    assert (caught.value.what, caught.value.right) == (what, right)
