"""What both programs say to twistd: errors in sentences, wherever the operator reads them."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest
from twisted.application.service import Service
from twisted.logger import capturedLogs

from webproxy.errors import SettingsError, StartError
from webproxy.launch import FULL_COLLECTION, Bound, leave
from webproxy.settings.settle import SeveralSettingsError

if TYPE_CHECKING:
    from pathlib import Path


def test_several_errors_are_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        leave(SeveralSettingsError([SettingsError("--a", "wrong"), SettingsError("--b", "wrong", "right")]), "webproxy")
    assert caught.value.code == 2
    assert capsys.readouterr().err == "webproxy: --a: wrong\nwebproxy: --b: wrong; right\n"


class Failing(Service):
    """Stands in for a proxy that cannot open its access log."""

    def startService(self) -> None:
        raise StartError("the access log cannot be opened")


@pytest.mark.parametrize("pidfile", [True, False])
def test_what_fails_after_the_log_began_is_told_on_the_terminal(
    pidfile: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "twistd.pid"
    path.touch()
    bound = Bound("webproxy", [Failing()], {"nodaemon": True, "pidfile": str(path) if pidfile else ""})
    with pytest.raises(SystemExit) as caught:
        bound.startService()
    assert caught.value.code == 1
    assert capfd.readouterr().err == "webproxy: the access log cannot be opened\n"
    assert path.exists() is not pidfile


def test_in_the_background_twistd_tells_it() -> None:
    read, write = os.pipe()
    with capturedLogs() as events, pytest.raises(SystemExit) as caught:
        Bound("webproxy", [Failing()], {"statusPipe": write}).startService()
    os.close(write)
    assert os.read(read, 100) == b"1 the access log cannot be opened"
    os.close(read)
    assert caught.value.code == 1
    assert [str(event["error"]) for event in events] == ["the access log cannot be opened"]


def test_what_was_loaded_at_the_start_holds_nobody_up_later(request: pytest.FixtureRequest) -> None:
    before = gc.get_threshold()
    request.addfinalizer(gc.unfreeze)
    request.addfinalizer(lambda: gc.set_threshold(*before))
    cycle: list[object] = []
    cycle.append(cycle)
    known = gc.get_freeze_count()
    Bound("webproxy", [Service()], {}).startService()
    assert gc.get_freeze_count() > known + 10_000
    assert gc.get_threshold() == (before[0], before[1], FULL_COLLECTION)
    assert gc.collect() == 0
    assert not gc.get_objects(2)
