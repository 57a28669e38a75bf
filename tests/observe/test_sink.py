"""The sink: whole lines or a count of those that were lost, on files, pipes and full disks."""

from __future__ import annotations

import errno
import os
import resource
import stat
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from webproxy.errors import StartError
from webproxy.observe.sink import Sink, Unwritten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def opened(path: Path | str) -> Iterator[Sink]:
    sink = Sink(str(path))
    sink.open()
    try:
        yield sink
    finally:
        sink.close()


@contextmanager
def pipe(path: Path) -> Iterator[tuple[Sink, int]]:
    """A sink on a named pipe, full once it holds 4096 bytes, and the reading end."""
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with opened(path) as sink:
            yield sink, reader
    finally:
        os.close(reader)


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Let the system refuse what goes beyond ``size`` bytes of any file, after it took what came before."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_is_made_for_us_alone_and_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    for line in (b"one\n", b"two\n"):
        with opened(path) as sink:
            sink.write(line)
    assert path.read_bytes() == b"one\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) & 0o027 == 0


def test_it_says_what_state_it_is_in(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    with opened(path) as sink:
        assert repr(sink) == f"<Sink '{path}' open>"
    assert repr(sink) == f"<Sink '{path}' closed>"


def test_a_file_that_cannot_be_opened_is_an_error_of_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"the access log .* cannot be opened: Is a directory; choose"):
        Sink(str(tmp_path)).open()


def test_a_named_pipe_that_nobody_reads_does_not_hold_up_the_start(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StartError, match="No such device or address"):
        Sink(str(tmp_path / "pipe")).open()


def test_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    with opened("-") as sink:
        sink.reopen()
        sink.write(b"one\n")
    os.write(1, b"still open\n")
    assert capfd.readouterr().out == "one\nstill open\n"


def test_a_full_disk_costs_the_lines_it_had_no_room_for() -> None:
    with opened("/dev/full") as sink, pytest.raises(Unwritten) as refused:
        sink.write(b"one\ntwo\nthree\n")
    assert refused.value.lines == 3
    assert refused.value.cause.errno == errno.ENOSPC


def test_a_torn_line_is_ended_before_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    with opened(path) as sink:
        with no_file_longer_than(6):
            with pytest.raises(Unwritten) as refused:
                sink.write(b"one\ntwo\nthree\n")
            assert refused.value.lines == 2
            with pytest.raises(Unwritten) as refused:
                sink.write(b"four\n")
            assert refused.value.lines == 1
        sink.write(b"five\n")
        sink.write(b"six\n")
    assert path.read_bytes() == b"one\ntw\nfive\nsix\n"


def test_a_disk_full_at_a_line_end_tears_nothing(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    with opened(path) as sink:
        with no_file_longer_than(4), pytest.raises(Unwritten) as refused:
            sink.write(b"one\ntwo\n")
        assert refused.value.lines == 1
        sink.write(b"three\n")
    assert path.read_bytes() == b"one\nthree\n"


def test_reopening_goes_to_the_file_that_has_the_name_now(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    with opened(path) as sink:
        sink.write(b"before\n")
        path.rename(tmp_path / "access.log.1")
        sink.write(b"meanwhile\n")
        sink.reopen()
        sink.write(b"after\n")
    assert (tmp_path / "access.log.1").read_bytes() == b"before\nmeanwhile\n"
    assert path.read_bytes() == b"after\n"


def test_a_new_file_begins_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    with opened(path) as sink:
        with no_file_longer_than(2), pytest.raises(Unwritten):
            sink.write(b"one\n")
        path.rename(tmp_path / "access.log.1")
        sink.reopen()
        sink.write(b"two\n")
    assert path.read_bytes() == b"two\n"


def test_when_reopening_fails_the_old_file_stays(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    with opened(folder / "access.log") as sink:
        folder.rename(tmp_path / "moved")
        with pytest.raises(FileNotFoundError):
            sink.reopen()
        sink.write(b"one\n")
    assert (tmp_path / "moved" / "access.log").read_bytes() == b"one\n"


def test_a_pipe_whose_reader_left(tmp_path: Path) -> None:
    with pipe(tmp_path / "pipe") as (sink, reader):
        sink.write(b"one\n")
        assert os.read(reader, 100) == b"one\n"
        other = os.open("/dev/null", os.O_RDONLY)
        os.dup2(other, reader)
        os.close(other)
        with pytest.raises(Unwritten) as refused:
            sink.write(b"two\nthree\n")
        assert refused.value.lines == 2
        assert refused.value.cause.errno == errno.EPIPE


def test_a_pipe_made_non_blocking_by_others_gets_all(tmp_path: Path) -> None:
    data = b"".join(b"line %d\n" % number for number in range(20_000))
    with pipe(tmp_path / "pipe") as (sink, reader):
        os.set_blocking(sink._descriptor, False)
        os.set_blocking(reader, True)
        received = bytearray()

        def read() -> None:
            while len(received) < len(data):
                received.extend(os.read(reader, 10_000))

        thread = threading.Thread(target=read)
        thread.start()
        sink.write(data)
        thread.join()
        assert received == data


def test_a_full_pipe_can_be_given_up(tmp_path: Path) -> None:
    line = b"x" * 99 + b"\n"
    with pipe(tmp_path / "pipe") as (sink, reader):
        os.set_blocking(sink._descriptor, False)
        sink.give_up()
        with pytest.raises(Unwritten) as refused:
            sink.write(line * 10_000)
        taken = len(os.read(reader, 1_000_000))
        assert 0 < taken < 1_000_000
        assert refused.value.lines == 10_000 - taken // 100
        assert isinstance(refused.value.cause, TimeoutError)
