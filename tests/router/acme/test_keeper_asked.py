"""When the authority is asked: in its own window, and for each name that is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.router.acme.keeping import DAY, LOOK, WILD, Place
from webproxy.router.acme.faults import AuthorityError
from webproxy.router.acme.keeper import ORDERS, SECONDS_EACH, Keeper
from webproxy.router.acme.schedule import Window

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


# Renewal information


def known(place: Place, keeper: Keeper) -> Any:
    kept = keeper._kept[WILD]
    kept.__class__ = type("Known", (type(kept),), {"identifier": "aa.bb"})  # a self-signed one has none
    return kept


def test_rfc9773_the_authority_is_asked_when_it_wants_it_renewed(place: Place) -> None:
    keeper = place.keeper()
    start = place.epoch + 7200
    place.issuance.informs = (Window(start, start + 1), 3600.0)
    place.after(keeper, 1)
    known(place, keeper)
    place.after(keeper, 61)
    assert place.issuance.windows == ["aa.bb"]
    (told,) = keeper.statuses(place.wall())
    assert told.next_try == pytest.approx(start, abs=1)
    place.after(keeper, 3601)
    assert len(place.issuance.windows) == 2
    place.after(keeper, start + LOOK - place.wall())
    assert place.issuance.asked[-1] == (WILD, "aa.bb")


def test_without_renewal_information_or_with_an_error_we_go_by_ourselves(place: Place) -> None:
    keeper = place.keeper()
    place.after(keeper, 1)
    kept = known(place, keeper)
    kept.note = replace(kept.note, ask_at=place.wall())
    place.issuance.informs = AuthorityError("it is away")
    place.after(keeper, LOOK)
    assert kept.note.ask_at == pytest.approx(place.wall() + 6 * 3600)
    place.issuance.informs = None
    kept.note = replace(kept.note, ask_at=place.wall())
    place.after(keeper, LOOK)
    assert place.issuance.windows == []
    assert kept.note.ask_at == pytest.approx(place.wall() + DAY)


# A certificate for each name


def test_each_name_that_is_there_has_its_own(place: Place) -> None:
    keeper = place.keeper(each=True)
    place.after(keeper, 1)
    assert place.issuance.asked == []
    place.live = ["a", "b"]
    place.after(keeper, LOOK)
    place.after(keeper, LOOK)
    assert sorted(place.issuance.asked) == [("a.example.com", ""), ("b.example.com", "")]
    assert keeper.context("a") is not None
    assert keeper.context("a") is not keeper.context("b")
    assert (keeper.context("c"), keeper.context()) == (None, None)
    assert [told.names for told in place.keeper(each=True).statuses(0.0)] == [("a.example.com",), ("b.example.com",)]


def test_of_a_name_that_is_gone_the_certificate_is_kept_until_it_ends(place: Place) -> None:
    keeper = place.keeper(each=True)
    place.live = ["a"]
    place.after(keeper, 1)
    place.live = []
    place.after(keeper, LOOK)
    assert keeper.context("a") is not None
    place.after(keeper, 2 * DAY)
    assert keeper.context("a") is None
    assert list(place.folder.names()) == []
    assert len(place.issuance.asked) == 1


def test_one_name_that_fails_does_not_hold_up_another_but_a_broken_way_does(place: Place) -> None:
    keeper = place.keeper(each=True)
    place.live = ["a", "b"]
    place.issuance.fails = AuthorityError("this one not", refused=True)
    place.after(keeper, LOOK)
    place.after(keeper, LOOK)
    assert len(place.issuance.asked) == 2
    place.issuance.fails = AuthorityError("the way is broken")
    place.after(keeper, 62)
    assert len(place.issuance.asked) == 3
    place.after(keeper, 62)
    assert len(place.issuance.asked) == 3


def test_a_machine_that_comes_and_goes_does_not_begin_anew(place: Place) -> None:
    keeper = place.keeper(each=True)
    place.issuance.fails = AuthorityError("no", refused=True)
    place.live = ["a"]
    place.after(keeper, LOOK)
    for _ in range(20):
        place.live = [] if place.live else ["a"]
        place.after(keeper, LOOK)
    assert len(place.issuance.asked) == 2
    place.live = []
    place.after(keeper, 3 * DAY)
    assert keeper.statuses(place.wall()) == []


def test_orders_are_bounded(place: Place) -> None:
    keeper = place.keeper(each=True)
    place.issuance.fails = AuthorityError("no", refused=True)
    place.live = [f"n{number}" for number in range(ORDERS + 5)]
    for _ in range(ORDERS + 5):
        place.after(keeper, LOOK)
    assert ORDERS <= len(place.issuance.asked) <= ORDERS + 1
    asked = len(place.issuance.asked)
    place.after(keeper, SECONDS_EACH)
    assert len(place.issuance.asked) == asked + 1
