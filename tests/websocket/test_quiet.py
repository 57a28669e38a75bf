"""What autobahn is given in place of its factory and its logger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.websocket.quiet import Quiet, Side

if TYPE_CHECKING:
    import pytest


def test_a_logger_that_takes_everything_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    log = Quiet()
    for say in (log.debug, log.info, log.warn, log.error):
        say("{what} {level}", what="x", level=1)
    assert capsys.readouterr() == ("", "")


def test_a_side_is_one_or_the_other() -> None:
    assert Side(server=True).isServer
    assert not Side(server=False).isServer
