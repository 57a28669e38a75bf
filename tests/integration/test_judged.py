"""A proxy that a test starts is the one that the run judges: compiled, or the source tree's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.ports import free_port
from tests.integration.programs import PROXY
from tests.integration.protected import CHOSEN, TWISTD, wait_until_open
from tests.judged import COMPILED
from tests.modules import with_modules

if TYPE_CHECKING:
    from collections.abc import Sequence

STARTED = {
    "twistd": (TWISTD, "-n", "--pidfile=", *CHOSEN, "webproxy"),
    "run": (sys.executable, "-c", PROXY, "run"),
}


@pytest.mark.parametrize("command", STARTED.values(), ids=STARTED)
def test_it_is_compiled_if_this_is(command: Sequence[str | Path], tmp_path: Path) -> None:
    port, output = free_port(), tmp_path / "output"
    words = ("--internal", "127.0.0.1:9", "--listen", "127.0.0.1", "--port", str(port))
    with output.open("wb") as out:
        process = subprocess.Popen([*command, *words], env=with_modules(), stdout=out, stderr=out)
    try:
        wait_until_open(process, port, output)
        assert ("/webproxy__mypyc" in Path(f"/proc/{process.pid}/maps").read_text()) is COMPILED
    finally:
        process.terminate()
        process.wait(60)
