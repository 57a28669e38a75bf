"""Events in the journal: read as systemd's own reader would, from a socket that stands for the journal's."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest
from twisted.logger import Logger, LogPublisher
from twisted.python.failure import Failure

from webproxy.observe.journal import LONGEST, Journal, datagram, fields_of, goes_there, observer, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "journal")


@pytest.fixture
def reader(place: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(place)
        sock.settimeout(5)
        yield sock


@pytest.fixture
def journal(place: str) -> Iterator[Journal]:
    journal = Journal(place)
    yield journal
    journal.close()


def read(data: bytes) -> dict[str, str]:
    """Read a datagram by the rules of systemd.io/JOURNAL_NATIVE_PROTOCOL."""
    fields = {}
    while data:
        line, _, data = data.partition(b"\n")
        name, simple, value = line.partition(b"=")
        if not simple:
            length = int.from_bytes(data[:8], "little")
            value, data = data[8 : 8 + length], data[9 + length :]
        fields[name.decode()] = value.decode()
    return fields


def logger(journal: Journal) -> Logger:
    return Logger("webproxy.lifetime", observer=LogPublisher(journal))


def test_an_event_has_its_words_its_level_its_kind_and_its_fields(reader: socket.socket, journal: Journal) -> None:
    logger(journal).error("process {pid} serves", pid=7, kind="upgrade-done", proxy=object())
    assert read(reader.recv(LONGEST)) == {
        "MESSAGE": "process 7 serves",
        "PRIORITY": "3",
        "SYSLOG_IDENTIFIER": "webproxy",
        "WEBPROXY_LOGGER": "webproxy.lifetime",
        "WEBPROXY_PID": "7",
        "WEBPROXY_KIND": "upgrade-done",
    }


def test_a_traceback_is_one_entry(reader: socket.socket, journal: Journal) -> None:
    try:
        1 / 0  # noqa: B018 - it is to raise
    except ZeroDivisionError:
        logger(journal).failure("it failed", Failure())
    fields = read(reader.recv(LONGEST))
    assert fields["MESSAGE"].startswith("it failed\nTraceback")
    assert fields["MESSAGE"].strip().endswith("ZeroDivisionError: division by zero")
    assert fields["PRIORITY"] == "2"


def test_nobody_writes_a_field_of_his_own() -> None:
    """A value with a line end has its length in front, and a name has letters alone."""
    fields = {"MESSAGE": "one\nPRIORITY=0", "WEBPROXY_A": "b"}
    assert read(datagram(fields)) == fields
    assert "WEBPROXY_A_B" in fields_of({"log_format": "", "a=\nb": "c"})


def test_a_message_without_end_is_cut(reader: socket.socket, journal: Journal) -> None:
    logger(journal).info("{text}", text="x" * 10 * LONGEST)
    assert len(read(reader.recv(4 * LONGEST))["MESSAGE"]) == LONGEST


def test_a_journal_that_is_full_stops_nobody_and_learns_what_it_missed(reader: socket.socket, journal: Journal) -> None:
    log = logger(journal)
    while not journal.lost:
        log.info("again")
    log.info("again")
    reader.recv(LONGEST)
    log.info("there is room")
    seen: dict[str, str] = {}
    while "WEBPROXY_LOST" not in seen:
        seen = read(reader.recv(LONGEST))
    assert (seen["WEBPROXY_LOST"], seen["MESSAGE"], journal.lost) == ("2", "there is room", 0)


def test_without_a_journal_it_is_told_on_standard_error(journal: Journal, capfd: pytest.CaptureFixture[str]) -> None:
    logger(journal).warn("two\nlines")
    assert capfd.readouterr().err == "<4>two lines\n"


def test_is_chosen_where_systemd_says_that_our_output_is_its_journal() -> None:
    status = os.fstat(2)
    assert goes_there({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
    assert not goes_there({"JOURNAL_STREAM": "8:1"})
    assert not goes_there({})
    assert words({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}) == [
        "--logger=webproxy.observe.journal.observer"
    ]
    assert words({}) == []


def test_twistd_makes_one() -> None:
    made = observer()
    assert isinstance(made, Journal)
    made.close()
