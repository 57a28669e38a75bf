"""``make run LOGIN=anna``: the script behind it asks for the password itself, and tells nobody."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.ports import free_port
from tests.integration.guides import ROOT
from tests.integration.protected import BASIC, PASSWORD, PATIENCE, USER, Protected, wait_until_open
from tests.integration.test_demo import Program
from tests.modules import with_modules

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_a_login_is_asked_for_and_nothing_is_left_behind(tmp_path: Path) -> None:
    demo, port = Program(), free_port()
    ours, theirs = pty.openpty()
    command = ["bash", str(ROOT / "scripts" / "run"), str(Path(sys.executable).parent), str(demo.port), str(port), USER]
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(
            command,
            env=with_modules(),
            stdin=theirs,
            stdout=output,
            stderr=theirs,
            start_new_session=True,
        )
    os.close(theirs)
    try:
        shown = b""
        while not shown.endswith(b"Password for anna: "):
            shown += os.read(ours, 100)
        os.write(ours, f"{PASSWORD}\n".encode())
        wait_until_open(process, port, tmp_path / "output")
        proxy = Protected(port, process, tmp_path, "")
        assert proxy.ask("/fields")[0] == 401
        assert proxy.ask("/fields", Authorization=BASIC)[0] == 200
        words = [(folder / "cmdline").read_bytes() for folder in descendants(process.pid)]
        assert any(b"--password-file" in word for word in words)
        assert not [word for word in words if PASSWORD.encode() in word]
        family = list(descendants(process.pid))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        deadline = time.monotonic() + PATIENCE
        while any(folder.exists() for folder in family):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.kill()
        os.close(ours)
        demo.end()


def descendants(pid: int) -> Iterator[Path]:
    """The process, and those that it started."""
    folder = Path("/proc") / str(pid)
    yield folder
    for child in (folder / "task" / str(pid) / "children").read_text().split():
        yield from descendants(int(child))
