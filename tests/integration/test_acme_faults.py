"""An authority that is away, slow, cross or out of its mind: what there is stays in use, the alarm shows.

And it is left alone for as long as it should be; time passes as the test says.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from tests.integration.edge import until
from tests.integration.in_front import Asked, Given, InFront, in_front, problem
from tests.integration.pebble import Records, pebble
from webproxy.router.acme import issuance, keeper, schedule
from webproxy.router.acme.folder import Folder
from webproxy.router.acme.issuance import Issuance
from webproxy.router.acme.keeper import Keeper
from webproxy.router.acme.settings import AcmeSettings
from webproxy.router.acme.solver import TextSolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from webproxy.router.acme.status import CertificateStatus

DOMAIN = "secure.example.com"
NONCE = {"Replay-Nonce": "bm9uY2U"}


class Place:
    """A keeper with a real authority, and a wall's clock that may be moved."""

    def __init__(self, reactor: Any, folder: Path, records: Records, front: InFront, **more: Any) -> None:
        self.reactor, self.front = reactor, front
        self.moved = 0.0
        settings = AcmeSettings(directory=front.directory, ca=front.ca, **more)
        files = Folder(folder / "acme")
        self.keeper = Keeper(
            reactor,
            settings,
            files,
            DOMAIN,
            issuance=Issuance(reactor, files, settings, TextSolver(records), self.wall),
            wanted=None,
            wall=self.wall,
        )
        self.keeper.open()

    def wall(self) -> float:
        return time.time() + self.moved

    def status(self) -> CertificateStatus:
        (told,) = self.keeper.statuses(self.wall())
        return told

    async def attempt(self) -> CertificateStatus:
        """Have done what is due."""
        self.keeper.refresh()
        await until(self.reactor, lambda: self.keeper._doing is None)
        return self.status()

    def attempts(self) -> int:
        return sum(asked.path == "/dir" for asked in self.front.asked)


@pytest.fixture(scope="module")
def records(reactor: Any) -> Iterator[Records]:
    one = Records(reactor)
    yield one
    pytest_twisted.blockon(Deferred.fromCoroutine(one.close()))


@pytest.fixture(scope="module")
def front(records: Records, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InFront]:
    folder = tmp_path_factory.mktemp("pebble")
    with pebble(folder, records.port) as at, in_front(at.ca, at.key, at.port) as one:
        yield one


@pytest.fixture
def place(
    reactor: Any, tmp_path: Path, records: Records, front: InFront, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setattr(keeper, "PAUSE", 0.0)
    monkeypatch.setattr(keeper, "PAUSE_EACH", 0.0)
    front.instead, front.more = lambda _asked: None, {}
    front.asked.clear()
    one = Place(reactor, tmp_path, records, front)
    yield one
    one.keeper.stop()


def on(path: str, given: Given) -> Callable[[Asked], Given | None]:
    return lambda asked: given if asked.path.startswith(path) and asked.method != "HEAD" else None


def slow(asked: Asked) -> None:
    time.sleep(0.8)


def nonces(asked: Asked) -> Given | None:
    return problem(400, "badNonce", "not that one") if asked.method == "POST" else None


FAULTS: dict[str, tuple[Callable[[Asked], Given | None], str, float]] = {
    "down for maintenance": (on("/dir", Given(503, b"", {"Retry-After": "5400"})), "it answered 503", 5400.0),
    "too many orders": (
        on("/order-plz", problem(429, "rateLimited", "too many already", **{"Retry-After": "7200"})),
        "too many already (rateLimited)",
        7200.0,
    ),
    "no more orders": (on("/order-plz", problem(403, "rejectedIdentifier", "not for you")), "not for you", 60.0),
    "an order that fails": (
        on("/my-order/", Given(200, {"status": "invalid", "finalize": "https://x"}, NONCE)),
        "it calls the order invalid",
        60.0,
    ),
    "no use of the request": (on("/finalize-order/", problem(400, "badCSR", "no such key")), "no such key", 60.0),
    "an error of its own": (on("/certZ/", problem(500, "serverInternal", "oh no")), "oh no (serverInternal)", 60.0),
    "no JSON": (on("/authZ/", Given(200, b"<html>", NONCE)), "its answer is no JSON object", 60.0),
    "slow": (slow, "does not answer", 60.0),
    "a wrong nonce for ever": (nonces, "it has refused 20 nonces, one after the other", 60.0),
}


@pytest.mark.parametrize("fault", list(FAULTS))
@pytest_twisted.ensureDeferred
async def test_what_there_is_stays_in_use(place: Place, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await place.attempt()
    assert (first.state, first.why) == ("active", "")
    context = place.keeper.context()
    assert context is not None
    assert first.next_try is not None
    place.moved = first.next_try - time.time() + 1
    instead, why, wait = FAULTS[fault]
    place.front.instead = instead
    monkeypatch.setattr(issuance, "QUESTION", 0.4 if instead is slow else 20.0)
    told = await place.attempt()
    assert (told.state, told.alarm) == ("expiring", True)
    assert why in told.why
    assert told.next_try == pytest.approx(place.wall() + wait, abs=10)
    assert place.keeper.context() is context
    asked = place.attempts()
    place.moved += wait - 15
    assert (await place.attempt()).why == told.why
    assert place.attempts() == asked
    place.front.instead = lambda _asked: None
    monkeypatch.setattr(issuance, "QUESTION", 20.0)
    place.moved += 30
    again = await place.attempt()
    assert (again.state, again.why) == ("active", "")
    assert place.keeper.context() is not context


@pytest_twisted.ensureDeferred
async def test_away_from_the_start_for_days(place: Place) -> None:
    place.front.instead = on("/", Given(502, b""))
    waits = []
    for _ in range(5):
        told = await place.attempt()
        assert (told.state, told.why) == ("failed", "it answered 502, and does not say why")
        assert told.next_try is not None
        waits.append(round((told.next_try - place.wall()) / 60))
        place.moved = told.next_try - time.time() + 1
    assert waits == [1, 10, 100, 1440, 1440]
    place.front.instead = lambda _asked: None
    assert (await place.attempt()).state == "active"


@pytest_twisted.ensureDeferred
async def test_one_that_has_ended_stays_in_use(place: Place) -> None:
    first = await place.attempt()
    assert first.not_after is not None
    place.moved = first.not_after - time.time() + 1
    place.front.instead = on("/dir", Given(502, b""))
    assert (await place.attempt()).state == "failed"
    assert place.keeper.context() is not None


@pytest_twisted.ensureDeferred
async def test_its_own_window_its_profiles_and_what_is_replaced(
    reactor: Any, tmp_path: Path, records: Records, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9773, draft-ietf-acme-profiles: what Debian's Pebble knows nothing of."""
    front = place.front
    front.more = {"renewalInfo": f"{front.url}/ari", "meta": {"profiles": {"short": "..."}}}
    window: dict[str, Any] = {"start": "2100-01-01T00:00:00Z", "end": "2100-01-02T00:00:00Z"}
    front.instead = on("/ari/", Given(200, {"suggestedWindow": window}, {"Retry-After": "3600"}))
    one = Place(reactor, tmp_path / "other", records, front, profile="short")
    first = await one.attempt()
    assert [said["profile"] for said in front.posted("/order-plz") if said] == ["short"] * len(
        front.posted("/order-plz")
    )
    assert "replaces" not in front.posted("/order-plz")[-1]
    context = one.keeper.context()
    one.moved = schedule.SHORTEST + 1
    await one.attempt()
    (identifier,) = {asked.path.removeprefix("/ari/") for asked in front.asked if asked.path.startswith("/ari/")}
    assert first.not_after is not None
    assert one.status().next_try == pytest.approx(  # it is too far away to be believed
        first.not_after - (first.not_after - (first.not_before or 0)) / 6
    )
    window.update(start="2000-01-01T00:00:00Z", end="2000-01-02T00:00:00Z")  # it takes the certificate back
    one.moved += 3601
    await one.attempt()
    next_try = one.status().next_try
    assert next_try is not None
    assert next_try <= one.wall()
    renewed = await one.attempt()
    assert front.posted("/order-plz")[-1]["replaces"] == identifier
    assert renewed.state == "active"
    assert one.keeper.context() is not context
    asked = place.attempts()
    place.front.instead = on("/order-plz", problem(403, "malformed", "no such profile"))
    nobody = Place(reactor, tmp_path / "third", records, front, profile="long")
    told = await nobody.attempt()
    assert told.why == "it has no profile long; it offers the profiles short"
    assert place.attempts() == asked + 1
