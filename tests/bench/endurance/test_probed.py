"""An ear in a program: what it counts, and that it hears more than once."""

from __future__ import annotations

import json
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from twisted.internet.base import DelayedCall

from bench.endurance.probed import counted, listen_in, tell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def test_timers_are_told_apart() -> None:
    ignored: Any = lambda *_: None  # noqa: E731
    calls = [DelayedCall(1.0, ignored, (), {}, ignored, ignored) for _ in range(3)]
    told = counted([*calls, {}, {}])
    assert (told["objects"], told["timers"]) == (5, 3)
    assert told["types"] == {"DelayedCall": 3, "dict": 2}


def test_each_look_is_a_line(tmp_path: Path) -> None:
    file = tmp_path / "told"
    tell(file)
    tell(file)
    first, second = map(json.loads, file.read_text().splitlines())
    assert first["objects"] > 1000
    assert first["at"] <= second["at"]


def test_it_looks_where_the_reactor_makes_its_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called, enough = threading.Semaphore(0), threading.Event()

    def call(what: Callable[[Path], None], file: Path) -> None:
        what(file)
        called.release()

    monkeypatch.setitem(sys.modules, "twisted.internet.reactor", SimpleNamespace(callFromThread=call))
    file = tmp_path / "told"
    thread = threading.Thread(target=listen_in, args=(file, enough, 0.01), daemon=True)
    thread.start()
    assert called.acquire(timeout=20)
    assert called.acquire(timeout=20)
    enough.set()
    thread.join(20)
    assert len(file.read_text().splitlines()) >= 2
