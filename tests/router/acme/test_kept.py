"""One certificate: what its files say of it, whatever state they are in; and when something is to be done."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.edge import certificate
from webproxy.router.acme.begun import Begun
from webproxy.router.acme.folder import CERTIFICATE, NOTE, ORDER, Folder
from webproxy.router.acme.kept import Kept
from webproxy.router.acme.request import new_key
from webproxy.router.acme.schedule import DAILY, Window
from webproxy.router.acme.settings import STAGING, AcmeSettings

if TYPE_CHECKING:
    from pathlib import Path

NAME = "*.example.com"
SETTINGS = AcmeSettings()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "acme")
    made.prepare()
    return made


def put(folder: Folder, *names: str) -> str:
    """Put a certificate there, good for a day; give its key."""
    chain, key = (file.read_text() for file in certificate(folder.path.parent, *(names or (NAME,))))
    folder.write(NAME, CERTIFICATE, f"{chain}{key}".encode())
    return key


def loaded(folder: Folder, settings: AcmeSettings = SETTINGS) -> Kept:
    kept = Kept(folder, settings, NAME)
    kept.load(time.time())
    return kept


def damaged(logged: list[Any]) -> list[str]:
    return [event["file"].rpartition("/")[2] for event in logged if event.get("kind") == "certificate-damaged"]


def test_nothing_is_there(folder: Folder) -> None:
    kept, now = loaded(folder), time.time()
    assert kept.due(now, None) == now
    assert kept.status(now, None).state == "pending"
    assert (kept.serial, kept.identifier, kept.asks(now)) == ("", "", False)
    assert repr(kept) == "<Kept *.example.com missing>"
    kept.under_way = True
    assert kept.status(now, None).next_try is None
    assert repr(kept) == "<Kept *.example.com under way>"


def test_one_that_is_good_is_left_alone_and_nobody_asked(folder: Folder) -> None:
    put(folder)
    kept, now = loaded(folder), time.time()
    assert kept.leaf is not None
    begins, ends = kept.leaf.span
    due = kept.due(now, None)
    assert due == pytest.approx(ends - (ends - begins) / 3)
    told = kept.status(now, None)
    assert (told.names, told.state, told.next_try, told.why) == ((NAME,), "active", due, "")
    assert not kept.asks(now)
    assert repr(kept) == "<Kept *.example.com there>"


def test_what_is_known_comes_back(folder: Folder) -> None:
    put(folder)
    first = loaded(folder)
    first.write(replace(first.succeeded(SETTINGS.directory, informs=True, now=5.0), chosen=7.0))
    second = loaded(folder)
    assert second.note == first.note
    assert (second.note.serial, second.note.ask_at) == (first.serial, 65.0)
    assert second.due(1.0, None) == 5.0 + 3600.0


def test_what_is_known_of_another_certificate_is_of_no_use(folder: Folder) -> None:
    put(folder)
    first = loaded(folder)
    first.write(replace(first.succeeded(SETTINGS.directory, informs=True, now=5.0), chosen=7.0))
    put(folder)
    second = loaded(folder)
    assert (second.note.chosen, second.note.directory) == (None, "")
    assert second.due(time.time(), None) > time.time()


def test_another_authority_is_asked_at_once(folder: Folder) -> None:
    put(folder)
    first, now = loaded(folder), time.time()
    first.write(first.succeeded(SETTINGS.directory, informs=True, now=now))
    assert loaded(folder, AcmeSettings(directory=STAGING)).due(now, None) == now


def test_failures_are_remembered_unless_something_else_is_said(folder: Folder) -> None:
    first = loaded(folder)
    first.write(replace(first.failed("no", 500.0, 100.0), directory=SETTINGS.directory))
    first.write(replace(first.failed("no, again", 500.0, 100.0)))
    second = loaded(folder)
    assert (second.note.failures, second.note.next_try, second.note.hold) == (2, 600.0, 600.0)
    told = second.status(200.0, second.note.hold)
    assert (told.state, told.next_try, told.why) == ("failed", 600.0, "no, again")
    other = loaded(folder, AcmeSettings(email="a@example.com"))
    assert (other.note.failures, other.note.next_try, other.note.why, other.note.hold) == (0, None, "", 600.0)
    elsewhere = loaded(folder, AcmeSettings(directory=STAGING))
    assert elsewhere.note.hold is None


@pytest.mark.parametrize("cut", [0, 1, 100, -2, -60])
def test_a_half_written_certificate_is_named_and_replaced(folder: Folder, cut: int, logged: list[Any]) -> None:
    put(folder)
    file = folder.file(NAME, CERTIFICATE)
    data = file.read_bytes()
    file.write_bytes(data[: cut if cut >= 0 else len(data) + cut - 10])
    kept, now = loaded(folder), time.time()
    assert kept.leaf is None
    assert kept.due(now, None) == now
    assert damaged(logged) == ["_.example.com.pem"]
    assert not file.exists()


def test_of_another_name_or_not_even_text(folder: Folder, logged: list[Any]) -> None:
    put(folder, "other.example.com")
    assert loaded(folder).leaf is None
    folder.write(NAME, CERTIFICATE, b"\xff")
    assert loaded(folder).leaf is None
    assert damaged(logged) == ["_.example.com.pem"] * 2


def test_other_files_that_are_damaged_are_done_without(folder: Folder, logged: list[Any]) -> None:
    put(folder)
    folder.write(NAME, NOTE, b"{")
    folder.write(NAME, ORDER, b"{}")
    kept, now = loaded(folder), time.time()
    assert kept.due(now, None) > now
    assert not kept.begun
    assert sorted(damaged(logged)) == ["_.example.com.json", "_.example.com.order"]


def test_one_that_is_lost_while_it_is_in_use_is_replaced(folder: Folder) -> None:
    put(folder)
    kept, now = loaded(folder), time.time()
    folder.remove(NAME, CERTIFICATE)
    assert not kept.read()
    assert kept.lost
    assert kept.due(now, None) == now
    assert kept.status(now, None).state == "active"
    put(folder)
    assert kept.read()
    assert not kept.lost


def test_killed_after_the_certificate_was_written_down(folder: Folder) -> None:
    key = put(folder)
    folder.write(NAME, ORDER, Begun((NAME,), key, SETTINGS.directory, 1.0, "https://a/o").written())
    kept = loaded(folder)
    assert (kept.begun, kept.note.directory, kept.note.serial) == (False, SETTINGS.directory, kept.serial)
    assert not folder.file(NAME, ORDER).exists()
    assert kept.due(time.time(), None) > time.time()
    assert loaded(folder).note == kept.note


def test_killed_so_and_the_disk_is_full(folder: Folder, monkeypatch: pytest.MonkeyPatch, logged: list[Any]) -> None:
    key = put(folder)
    folder.write(NAME, ORDER, Begun((NAME,), key, SETTINGS.directory, 1.0, "https://a/o").written())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "write", full)
    assert not loaded(folder).begun
    assert [event["why"] for event in logged if event.get("kind") == "certificate-note-failed"] == [
        "No space left on device"
    ]


def test_killed_before_that_it_is_finished_at_once(folder: Folder) -> None:
    put(folder)
    folder.write(NAME, ORDER, Begun((NAME,), new_key(), SETTINGS.directory, 1.0, "https://a/o").written())
    kept, now = loaded(folder), time.time()
    assert kept.begun
    assert kept.due(now, None) == now
    assert folder.file(NAME, ORDER).exists()


def test_rfc9773_4_2_a_moment_is_chosen_once(folder: Folder) -> None:
    put(folder)
    kept = loaded(folder)
    kept.note = kept.informed(Window(100.0, 200.0), None, 0.5, 10.0)
    assert (kept.note.chosen, kept.note.ask_at) == (150.0, 10.0 + 6 * 3600.0)
    kept.note = kept.informed(Window(100.0, 200.0), 7200.0, 0.9, 20.0)
    assert (kept.note.chosen, kept.note.ask_at) == (150.0, 7220.0)
    kept.note = kept.informed(Window(100.0, 300.0), None, 0.9, 20.0)
    assert kept.note.chosen == 280.0
    kept.note = kept.informed(None, DAILY, 0.9, 20.0)
    assert (kept.note.start, kept.note.chosen) == (None, None)


def test_a_moment_from_a_clock_that_was_wrong_is_not_waited_for(folder: Folder) -> None:
    put(folder)
    kept, now = loaded(folder), time.time()
    kept.__class__ = type("Known", (Kept,), {"identifier": "aa.bb"})  # a self-signed one has none
    for ask_at, asks in ((now + 60, False), (now - 60, True), (now + 365 * DAILY, True)):
        kept.note = replace(kept.note, ask_at=ask_at)
        assert kept.asks(now) is asks


def test_why_one_that_is_late_raises_the_alarm(folder: Folder) -> None:
    put(folder)
    kept = loaded(folder)
    assert kept.leaf is not None
    ends = kept.leaf.span[1]
    late, over = kept.status(ends - 1, None), kept.status(ends, None)
    assert (late.state, late.why) == ("expiring", "it ends soon, and another one has not come yet")
    assert (over.state, over.why) == ("failed", "it has ended")
    kept.note = kept.failed("the authority is away", None, ends - 1000)
    assert kept.status(ends - 1000, None).why == "the authority is away"
