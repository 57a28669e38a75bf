"""One issuance with Pebble, step by step: finished or begun anew after each; and what is made of refusals."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from tests.integration.in_front import Asked, Given, InFront, in_front, problem
from tests.integration.pebble import Records, pebble
from webproxy.router.acme import account, begun, issuance
from webproxy.router.acme.faults import AuthorityError
from webproxy.router.acme.folder import CERTIFICATE, ORDER, Folder
from webproxy.router.acme.issuance import Issuance
from webproxy.router.acme.request import leaf_of, new_key
from webproxy.router.acme.settings import AcmeSettings
from webproxy.router.acme.solver import SolverError, TextSolver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
NAME = "*.secure.example.com"


class Place:
    """A name server, Pebble, what stands in front of it, and a folder."""

    def __init__(self, reactor: Any, folder: Path, records: Records, front: InFront) -> None:
        self.reactor, self.records, self.front = reactor, records, front
        self.folder = Folder(folder / "acme")
        self.folder.prepare()
        self.solver: Any = TextSolver(records)

    def issuance(self, **more: Any) -> Issuance:
        settings = AcmeSettings(directory=self.front.directory, ca=self.front.ca, **more)
        return Issuance(self.reactor, self.folder, settings, self.solver, time.time)

    def begun(self) -> Any:
        data = self.folder.read(NAME, ORDER)
        return None if data is None else begun.read(data)

    def key(self) -> str:
        """Give the key in use."""
        data = self.folder.read(NAME, CERTIFICATE)
        assert data is not None
        chain, mark, key = data.decode().partition("-----BEGIN PRIVATE KEY-----")
        leaf_of(chain, mark + key, (NAME,))
        return mark + key


@pytest.fixture(scope="module")
def records(reactor: Any) -> Iterator[Records]:
    one = Records(reactor)
    yield one
    pytest_twisted.blockon(Deferred.fromCoroutine(one.close()))


@pytest.fixture(scope="module")
def front(records: Records, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InFront]:
    folder = tmp_path_factory.mktemp("pebble")
    with pebble(folder, records.port, nonces=20) as at, in_front(at.ca, at.key, at.port) as one:
        yield one


@pytest.fixture
def place(reactor: Any, tmp_path: Path, records: Records, front: InFront) -> Place:
    front.instead = lambda _asked: None
    front.more = {}
    front.asked.clear()
    records.did.clear()
    return Place(reactor, tmp_path, records, front)


async def refused(one: Issuance) -> AuthorityError:
    with pytest.raises(AuthorityError) as caught:
        await one.obtain(NAME)
    return caught.value


@pytest_twisted.ensureDeferred
async def test_from_nothing_to_a_certificate(place: Place) -> None:
    one = place.issuance(email="a@example.com")
    assert repr(one) == f"<Issuance by {place.front.directory}>"
    assert await one.obtain(NAME) is False
    first = place.key()
    assert place.begun().key == first
    await one.done(NAME)
    assert place.begun() is None
    assert [did for did, *_ in place.records.did] == ["add", "remove"]
    assert await one.obtain(NAME) is False
    assert place.key() != first
    assert len({asked["contact"][0] for asked in place.front.posted("/sign-me-up")}) == 1
    known = account.read(place.folder.read(account.file_of(place.front.directory), account.KIND) or b"")
    assert known.url.startswith(place.front.url)


@pytest_twisted.ensureDeferred
async def test_what_was_begun_is_finished(place: Place) -> None:
    """The way breaks at each question in turn; the next attempt goes on with the same order and key."""
    one = place.issuance()
    broken = ["/authZ/", "/chalZ/", "/finalize-order/", "/my-order/", "/certZ/"]
    keys = set()
    orders = 0
    for part in broken:

        def instead(asked: Asked, part: str = part) -> Given | None:
            return Given(503, b"") if asked.path.startswith(part) else None

        place.front.instead = instead
        error = await refused(one)
        assert (error.why, error.refused) == ("it answered 503, and does not say why", False)
        keys.add(place.begun().key)
        orders = len([asked for asked in place.front.posted("/order-plz") if asked])
    place.front.instead = lambda _asked: None
    await one.obtain(NAME)
    assert keys == {place.key()}
    assert len([asked for asked in place.front.posted("/order-plz") if asked]) == orders
    assert place.records.texts["_acme-challenge.secure.example.com"] == set()


@pytest_twisted.ensureDeferred
async def test_an_order_that_has_gone_is_made_anew(place: Place) -> None:
    one = place.issuance()
    place.front.instead = lambda asked: Given(503, b"") if asked.path.startswith("/finalize-order/") else None
    await refused(one)
    before = place.begun()
    gone = before.url.removeprefix(place.front.url)
    place.front.instead = lambda asked: problem(404, "malformed", "no order") if asked.path == gone else None
    await one.obtain(NAME)
    assert place.key() != before.key
    place.front.instead = lambda asked: Given(503, b"") if asked.path == gone else None
    place.folder.write(NAME, ORDER, before.written())
    assert not (await refused(one)).refused
    assert place.begun() == before


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_finished_is_begun_anew(place: Place, logged: list[Any]) -> None:
    shown = (("secure.example.com", "_acme-challenge.secure.example.com", "left over"),)
    stale = begun.Begun((NAME,), new_key(), "https://elsewhere/dir", time.time(), "https://elsewhere/o", shown)
    place.folder.write(NAME, ORDER, stale.written())
    await place.issuance().obtain(NAME)
    assert place.key() != stale.key
    assert place.records.did[0] == ("remove", "_acme-challenge.secure.example.com", "left over")
    place.folder.write(NAME, ORDER, b"{")
    where = account.file_of(place.front.directory)
    place.folder.write(where, account.KIND, b"{}")
    await place.issuance().obtain(NAME)
    kinds = [event["file"].rpartition(".")[2] for event in logged if event.get("kind") == "certificate-damaged"]
    assert kinds == ["order", "account"]


@pytest_twisted.ensureDeferred
async def test_the_authority_finds_no_proof(place: Place) -> None:
    """Its words come through; the order is of no use any more, and the next one has another key."""

    class Blind(TextSolver):
        async def present(self, domain: str, name: str, value: str) -> None:
            await super().present(domain, name, "something else")

    place.solver, sound = Blind(place.records), place.solver
    error = await refused(place.issuance())
    assert error.refused
    assert "Correct value not found for DNS challenge" in error.why
    assert error.why.endswith("(unauthorized)")
    assert place.begun() is None
    place.solver = sound
    place.records.remove_text("_acme-challenge.secure.example.com", "something else")
    await place.issuance().obtain(NAME)


@pytest_twisted.ensureDeferred
async def test_a_proof_that_cannot_be_shown_or_taken_away(place: Place, logged: list[Any]) -> None:
    class Broken(TextSolver):
        works = False

        async def present(self, domain: str, name: str, value: str) -> None:
            if not self.works:
                raise SolverError("the zone is locked")
            await super().present(domain, name, value)

        async def withdraw(self, domain: str, name: str, value: str) -> None:
            raise SolverError("the zone is locked")

    place.solver = Broken(place.records)
    error = await refused(place.issuance())
    assert (error.why, error.refused) == ("the zone is locked", False)
    key = place.begun().key
    place.solver.works = True
    await place.issuance().obtain(NAME)
    assert place.key() == key
    assert "certificate-proof-left" in [event.get("kind") for event in logged]
    place.records.texts.clear()


@pytest_twisted.ensureDeferred
async def test_slow_or_silent_authorities_are_not_waited_for_for_ever(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = place.issuance()
    monkeypatch.setattr(issuance, "PATIENCE", 0.5)
    slow = Given(200, {"status": "pending", "identifier": {"type": "dns", "value": "secure.example.com"}})

    def pending(asked: Asked) -> Given | None:
        challenges = [
            {"type": "dns-01", "url": f"{place.front.url}/c", "token": "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"}
        ]
        if asked.path.startswith("/authZ/"):
            return slow._replace(said={**slow.said, "challenges": challenges})
        return Given(200, {}) if asked.path == "/c" else None

    place.front.instead = pending
    assert (await refused(one)).why == "it has not looked at the proof for secure.example.com in 0.5 s"
    place.front.instead = lambda asked: (
        Given(200, {"status": "processing", "finalize": "https://x"}) if asked.path.startswith("/my-order/") else None
    )
    assert (await refused(one)).why == "the order is processing after 0.5 s still"
    monkeypatch.setattr(issuance, "QUESTION", 0.3)
    place.front.instead = lambda asked: time.sleep(0.6)
    assert "does not answer: nothing has come in 0.3 s" in (await refused(one)).why


@pytest_twisted.ensureDeferred
async def test_orders_and_authorizations_that_come_to_nothing(place: Place) -> None:
    invalid: dict[str, Any] = {"status": "invalid", "finalize": "https://x"}
    one = place.issuance()
    place.front.instead = lambda asked: Given(200, invalid) if asked.path.startswith("/my-order/") else None
    error = await refused(one)
    assert (error.why, error.refused) == ("it calls the order invalid, and does not say why", True)
    invalid["error"] = {"type": "urn:ietf:params:acme:error:caa", "detail": "CAA forbids it"}
    assert (await refused(one)).why == "CAA forbids it (caa)"
    said: dict[str, Any] = {"status": "deactivated", "identifier": {"type": "dns", "value": "secure.example.com"}}
    said["challenges"] = [
        {"type": "dns-01", "url": "https://x", "token": "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"}
    ]
    place.front.instead = lambda asked: Given(200, said) if asked.path.startswith("/authZ/") else None
    error = await refused(one)
    assert (error.why, error.refused) == ("the authorization of secure.example.com is deactivated", True)
    assert place.begun() is None


@pytest_twisted.ensureDeferred
async def test_a_chain_of_another_key_is_not_used(place: Place) -> None:
    await place.issuance().obtain(NAME)
    kept = place.folder.read(NAME, CERTIFICATE)
    await place.issuance().done(NAME)
    assert kept is not None
    chain = kept.partition(b"-----BEGIN PRIVATE KEY-----")[0]
    place.front.instead = lambda asked: Given(200, chain) if asked.path.startswith("/certZ/") else None
    error = await refused(place.issuance())
    assert error.why == "it gave something that cannot be used: the certificate belongs to another key"
    assert error.refused
    assert place.folder.read(NAME, CERTIFICATE) == kept


@pytest_twisted.ensureDeferred
async def test_a_disk_that_is_full_is_noticed_before_anything_is_asked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place.folder, "write", full)
    assert (await refused(place.issuance())).why.endswith("cannot be written: No space left on device")
    assert place.front.asked == []
