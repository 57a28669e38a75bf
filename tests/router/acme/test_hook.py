"""The hook: what it is told, what its failures come to, and that it does not stay."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from webproxy.router.acme.hook import TAIL, HookSolver, run
from webproxy.router.acme.solver import SolverError

if TYPE_CHECKING:
    from pathlib import Path


def program(folder: Path, text: str) -> tuple[str, str]:
    file = folder / "hook.py"
    file.write_text(text)
    return sys.executable, str(file)


@pytest_twisted.ensureDeferred
async def test_it_is_given_words_that_no_shell_reads(reactor: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = program(tmp_path, f"import sys; open({str(out)!r}, 'a').write(repr(sys.argv[1:]) + '\\n')")
    solver = HookSolver(reactor, (*command, "own word"), 20)
    assert (solver.kind, repr(solver)) == ("dns-01", f"<HookSolver {sys.executable}>")
    await solver.present("example.com", "_acme-challenge.example.com", "$(x) 'y'")
    await solver.withdraw("example.com", "_acme-challenge.example.com", "v")
    assert out.read_text().splitlines() == [
        repr(["own word", "present", "example.com", "_acme-challenge.example.com", "$(x) 'y'"]),
        repr(["own word", "withdraw", "example.com", "_acme-challenge.example.com", "v"]),
    ]


@pytest_twisted.ensureDeferred
async def test_a_failure_has_its_last_line(reactor: Any, tmp_path: Path) -> None:
    command = program(tmp_path, "print('first'); print('no such \\x1bzone'); raise SystemExit(3)")
    with pytest.raises(SolverError, match=r"present failed with status 3: no such zone$"):
        await HookSolver(reactor, command, 20).present("a", "b", "c")
    with pytest.raises(SolverError, match=r"withdraw failed with status 127: No such file or directory"):
        await HookSolver(reactor, ("/nowhere/hook",), 20).withdraw("a", "b", "c")


@pytest_twisted.ensureDeferred
async def test_one_that_does_not_end_is_ended(reactor: Any, tmp_path: Path) -> None:
    command = program(tmp_path, "import time; print('waiting', flush=True); time.sleep(600)")
    with pytest.raises(SolverError, match=r"present has not ended in 1 s"):
        await HookSolver(reactor, command, 1).present("a", "b", "c")


@pytest_twisted.ensureDeferred
async def test_one_that_even_that_does_not_end(reactor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def sleeps(command: Any, limit: float) -> tuple[int, str]:
        go.wait(20)
        return 0, ""

    monkeypatch.setattr("webproxy.router.acme.hook.run", sleeps)
    with pytest.raises(SolverError, match=r"nothing has come in 0\.2 s"):
        await HookSolver(reactor, ("x",), -9.8).present("a", "b", "c")
    go.set()


def test_what_it_leaves_running_does_not_hold_us(tmp_path: Path) -> None:
    child = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(5)'])"
    began = time.monotonic()
    assert run(program(tmp_path, child), 20) == (0, "")
    assert time.monotonic() - began < 4


def test_only_the_end_of_much_is_kept(tmp_path: Path) -> None:
    status, said = run(program(tmp_path, "print('x' * 1000000, 'end')"), 20)
    assert (status, len(said), said[-5:]) == (0, TAIL, " end\n")


def test_one_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    text = "import os, time; os.close(1); os.close(2); time.sleep(0.3); os._exit(4)"
    assert run(program(tmp_path, text), 20) == (4, "")
