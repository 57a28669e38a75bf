"""When certificates are got, by a clock in the test's hands: what is asked, when again, and what is used meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.defer import CancelledError

from tests.integration.edge import certificate
from tests.router.acme.keeping import DAY, LOOK, WILD, Place
from webproxy.router.acme.faults import AuthorityError
from webproxy.router.acme.folder import CERTIFICATE, Folder
from webproxy.router.acme.keeper import BUSY
from webproxy.router.certificates import TICKETS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def kinds(logged: list[Any]) -> list[str]:
    return [event["kind"] for event in logged if event["log_namespace"].endswith("keeper")]


def test_one_is_got_used_and_left_alone_until_a_third_is_left(place: Place, logged: list[Any]) -> None:
    keeper = place.keeper()
    assert keeper.context("any") is None
    assert repr(keeper) == "<Keeper of 1 certificates of example.com>"
    place.after(keeper, 1)
    assert place.issuance.asked == [(WILD, "")]
    first = keeper.context("any")
    assert first is not None
    assert keeper.context() is first
    assert kinds(logged) == ["certificate-begun", "certificate-got"]
    (told,) = keeper.statuses(place.wall())
    assert told.state == "active"
    assert told.next_try is not None
    place.after(keeper, told.next_try - place.wall() - 1)
    assert len(place.issuance.asked) == 1
    place.after(keeper, LOOK)
    assert len(place.issuance.asked) == 2
    assert keeper.context() is not first


def test_a_start_asks_nothing_while_what_is_there_is_good(place: Place) -> None:
    place.after(place.keeper(), 1)
    again = place.keeper()
    place.after(again, 1)
    place.after(again, 3600)
    assert len(place.issuance.asked) == 1
    assert again.context() is not None


def test_failures_back_off_and_what_is_there_stays_in_use(place: Place, logged: list[Any]) -> None:
    keeper = place.keeper()
    place.after(keeper, 1)
    before = keeper.context()
    place.issuance.fails = AuthorityError("no record found", refused=True)
    (told,) = keeper.statuses(place.wall())
    assert told.not_after is not None
    place.after(keeper, told.not_after - place.wall() + 1)  # it has ended
    waits = []
    for _ in range(5):
        (told,) = keeper.statuses(place.wall())
        assert (told.state, told.why, told.alarm) == ("failed", "no record found", True)
        assert told.next_try is not None
        waits.append(round(told.next_try - place.wall()))
        asked = len(place.issuance.asked)
        place.after(keeper, waits[-1] - 1)
        assert len(place.issuance.asked) == asked
        place.after(keeper, LOOK)
        assert len(place.issuance.asked) == asked + 1
        assert keeper.context() is not None
    assert waits[:3] == [60, 600, 6000]
    assert waits[3:] == [DAY, DAY]
    assert kinds(logged).count("certificate-failed") == 6
    place.issuance.fails = None
    place.after(keeper, DAY + LOOK)
    assert keeper.context() is not before
    asked = len(place.issuance.asked)
    for _ in range(10):  # what came had ended before it came: a clock is wrong, and the authority is spared
        place.after(keeper, LOOK)
    assert len(place.issuance.asked) == asked


def test_a_restart_keeps_the_back_off_unless_something_else_is_said(place: Place) -> None:
    place.issuance.fails = AuthorityError("no", refused=True)
    place.after(place.keeper(), 1)
    again = place.keeper()
    place.after(again, 50)
    assert len(place.issuance.asked) == 1
    place.after(again, 15)
    assert len(place.issuance.asked) == 2
    place.after(place.keeper(email="a@example.com"), 1)
    assert len(place.issuance.asked) == 3


def test_a_retry_after_holds_whatever_anybody_wants(place: Place) -> None:
    keeper = place.keeper()
    place.issuance.fails = AuthorityError("too many", retry_after=7200.0)
    place.after(keeper, 1)
    assert keeper.renew()
    place.after(keeper, 7000)
    assert len(place.issuance.asked) == 1
    place.after(keeper, 210)
    assert len(place.issuance.asked) == 2


def test_whoever_wants_it_now_gets_it_now(place: Place) -> None:
    keeper = place.keeper()
    place.after(keeper, 1)
    assert not keeper.renew("other.example.com")
    assert keeper.renew(WILD)
    place.after(keeper, 0)
    assert len(place.issuance.asked) == 2
    place.issuance.fails = AuthorityError("the way is blocked")
    keeper.renew()
    place.after(keeper, 0)
    keeper.renew()
    place.after(keeper, 0)
    assert len(place.issuance.asked) == 4
    assert keeper.statuses(place.wall())[0].state == "expiring"


def test_never_two_orders_at_once(place: Place) -> None:
    keeper = place.keeper()
    with Folder(place.folder.path).locked():
        place.after(keeper, 1)
        assert place.issuance.asked == []
    place.after(keeper, BUSY - 1)
    assert place.issuance.asked == []
    place.issuance.hangs = True
    place.after(keeper, 2)
    place.after(keeper, 10)
    assert len(place.issuance.asked) == 1
    assert keeper.statuses(place.wall())[0].state == "pending"
    with Folder(place.folder.path).locked() as ours:
        assert not ours
    keeper.stop()
    with Folder(place.folder.path).locked() as ours:
        assert ours
    place.after(keeper, 10)
    assert len(place.issuance.asked) == 1


def test_after_the_lock_it_is_looked_once_more(place: Place, tmp_path: Path) -> None:
    keeper = place.keeper()
    chain, key = (file.read_text() for file in certificate(tmp_path, WILD))
    place.folder.write(WILD, CERTIFICATE, f"{chain}{key}".encode())  # by somebody else
    place.after(keeper, 1)
    assert place.issuance.asked == []
    assert keeper.context() is not None


def test_one_that_is_damaged_while_it_is_used_stays_and_is_replaced(place: Place) -> None:
    keeper = place.keeper()
    place.after(keeper, 1)
    first = keeper.context()
    place.folder.file(WILD, CERTIFICATE).write_text("half")
    place.after(keeper, TICKETS)
    assert place.issuance.asked[1:] == [(WILD, "")]
    assert keeper.context() is not first


def test_ticket_keys_are_renewed(place: Place) -> None:
    keeper = place.keeper()
    place.after(keeper, 1)
    first = keeper.context()
    place.after(keeper, TICKETS - 1)
    assert keeper.context() is first
    place.after(keeper, 1)
    assert keeper.context() is not first
    assert len(place.issuance.asked) == 1


def test_what_openssl_cannot_use_is_replaced(place: Place, monkeypatch: pytest.MonkeyPatch, logged: list[Any]) -> None:
    keeper = place.keeper()
    place.after(keeper, 1)

    def no_context(*_: Any) -> Any:
        raise ValueError("it is of no use")

    monkeypatch.setattr("webproxy.router.acme.keeper.read", no_context)
    first = keeper.context()
    keeper._contexts.renew(WILD)
    monkeypatch.undo()
    assert keeper.context() is first
    place.after(keeper, LOOK)
    assert len(place.issuance.asked) == 2
    assert keeper.context() is not first


def test_one_that_is_of_no_use_backs_off_as_well(place: Place) -> None:
    keeper = place.keeper()
    place.issuance.garbled = b"none"
    for _ in range(5):
        place.after(keeper, LOOK)
    assert len(place.issuance.asked) == 1
    (told,) = keeper.statuses(place.wall())
    assert (told.state, told.why) == ("failed", "it gave something that cannot be used")


def test_a_mistake_of_ours_is_told_and_ends_nothing(place: Place, logged: list[Any]) -> None:
    keeper = place.keeper()
    place.issuance.fails = ZeroDivisionError("a mistake")
    place.after(keeper, 1)
    assert kinds(logged)[-1] == "certificate-keeping-failed"
    place.after(keeper, BUSY - LOOK)
    assert len(place.issuance.asked) == 1
    assert keeper.statuses(place.wall())[0].why == "the router made a mistake: its log says which"
    place.issuance.fails = None
    place.after(keeper, 2 * LOOK)
    assert keeper.context() is not None


def test_a_disk_that_is_full_costs_only_what_would_be_remembered(
    place: Place, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    keeper = place.keeper()
    place.issuance.fails = AuthorityError("no")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place.folder, "write", full)
    place.after(keeper, 1)
    assert kinds(logged) == ["certificate-begun", "certificate-note-failed", "certificate-failed"]
    assert keeper.statuses(place.wall())[0].why == "no"


def test_cancelling_is_no_mistake(place: Place, logged: list[Any]) -> None:
    keeper = place.keeper()
    place.issuance.fails = CancelledError()
    place.after(keeper, 1)
    keeper.stop()
    assert kinds(logged) == ["certificate-begun"]
