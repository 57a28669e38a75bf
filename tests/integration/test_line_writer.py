"""The line writer in processes of their own: a reader that leaves, a process that goes into the background."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def run(program: str, **named: Any) -> subprocess.Popen[str]:
    opening = "from webproxy.observe.line_writer import LineWriter\nfrom webproxy.observe.sink import Sink\n"
    return subprocess.Popen([sys.executable, "-c", opening + program], text=True, **named)


def test_a_broken_pipe_does_not_end_the_process() -> None:
    program = """
import sys
from twisted.internet import reactor
writer = LineWriter(Sink("-"), reactor, str)
writer.start()
def go_on():
    writer.append("x" * 1000)
    reactor.callLater(0.3, end)
def end():
    print("lost", writer.lost, file=sys.stderr)
    reactor.stop()
reactor.callWhenRunning(go_on)
reactor.run()
writer.close()
"""
    reading, writing_end = os.pipe()
    os.close(reading)
    with run(program, stdout=writing_end, stderr=subprocess.PIPE) as process:
        os.close(writing_end)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert errors == "lost 1\n"


def test_it_starts_after_a_fork(tmp_path: Path) -> None:
    """As twistd does it: built, then the process goes into the background, then the service starts."""
    path = tmp_path / "access.log"
    program = f"""
import os
from twisted.internet.task import Clock
writer = LineWriter(Sink({str(path)!r}), Clock(), str)
child = os.fork()
if child == 0:
    writer.start()
    writer.append("from the background")
    writer.close()
    os._exit(0)
raise SystemExit(os.waitpid(child, 0)[1])
"""
    with run(program) as process:
        assert process.wait(timeout=20) == 0
    assert path.read_text() == "from the background\n"
