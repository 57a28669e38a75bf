"""``make run-all``: an authority, a router, the proxy and the demo; the URL that it prints opens, and nothing stays."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.ports import free_port
from tests.integration.guides import ROOT
from tests.modules import with_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 120.0


def two_in_a_row() -> int:
    """A port that is free together with the next one."""
    while True:
        port = free_port()
        with socket.socket() as next_one:
            try:
                next_one.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def family(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from family(int(child))


def test_the_url_opens_and_nothing_stays(tmp_path: Path) -> None:
    ports = [str(free_port()) for _ in range(5)]
    words = ["bash", str(ROOT / "scripts" / "run-all"), str(Path(sys.executable).parent), *ports, str(two_in_a_row())]
    output = tmp_path / "output"
    with output.open("wb") as out:
        environ = with_modules(TMPDIR=str(tmp_path))
        process = subprocess.Popen(words, env=environ, stdout=out, stderr=out, start_new_session=True)
    try:
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(r"^  or    curl (.*)$", output.read_text(), re.MULTILINE)):
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.2)
        page = subprocess.run(
            ["curl", "--silent", "--show-error", *found[1].split()], capture_output=True, text=True, check=True
        )
        assert "<!doctype html>" in page.stdout.lower()
        started = list(family(process.pid))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []
    assert [path.name for path in tmp_path.iterdir()] == ["output"]
