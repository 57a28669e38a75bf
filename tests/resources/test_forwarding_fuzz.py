"""Ten seconds of anything that clients and services may say (ten minutes: ``tests/system/test_fuzz.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fuzz.run import play_for
from tests.judged import puts_in_a_method
from webproxy.downstream.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Callable


def test_ten_seconds_of_anything() -> None:
    assert play_for(10, seed=0) > 100


def keeps_every_connection(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Channel, "must_close", lambda channel, request: False)


def frames_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("webproxy.message.rewrite._framing", lambda *_: [])


def asks_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("webproxy.resources.forwarding.may_retry", lambda *_, attempts, **__: attempts == 1)


def waits_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Channel, "_exchange_expired", lambda channel, request: None)


@puts_in_a_method
@pytest.mark.parametrize("sabotage", [keeps_every_connection, frames_nothing, asks_twice, waits_for_ever])
def test_a_proxy_that_is_broken_is_found_out(
    sabotage: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sabotage(monkeypatch)
    with pytest.raises(AssertionError, match=r"game [0-9]+"):
        play_for(60, seed=0)
