"""A lease is asked for, renewed, taken anew and given back, whatever becomes of the router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from webproxy.registration.machine_key import MachineKey
from webproxy.registration.registration import Claim, Registration
from webproxy.registration.words import Lease, Reply, RouterAway

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twisted.logger import LogEvent

GIVEN = {
    "name": "app-fox-chi",
    "url": "https://app-fox-chi.secure.example.com",
    "routers": ["10.0.0.2"],
    "lease": 90,
    "renew": 30,
}
UNTOLD = {"state": "", "not_after": None, "why": ""}
NEXT = {"nonce": "n1", "nonce_seconds": 180}
CHALLENGE = Reply(200, {"nonce": "n0", "nonce_seconds": 30})
LEASED = Reply(200, GIVEN | NEXT)


class Router:
    """Answers as it was told, in order, and remembers what it heard; away when it has nothing to say."""

    def __init__(self) -> None:
        self.answers: list[Reply] = []
        self.heard: list[tuple[str, str, Mapping[str, object]]] = []
        self.hangs = False
        self.closed = False

    async def ask(self, does: str, token: str, members: Mapping[str, object]) -> Reply:
        self.heard.append((does, token, members))
        if self.hangs:
            await Deferred()
        if not self.answers:
            raise RouterAway("it takes no connection")
        return self.answers.pop(0)

    def close(self) -> Deferred[Any]:
        self.closed = True
        return succeed(None)

    def words(self) -> list[str]:
        words = [does for does, _, _ in self.heard]
        self.heard.clear()
        return words


class Steady:
    """Chance that always gives the most."""

    def uniform(self, a: float, b: float, /) -> float:
        return b


class Scene:
    def __init__(self, internal: str = "") -> None:
        self.router, self.clock = Router(), Clock()
        self.told: list[Lease] = []
        self.tokens = ["secret"]
        claim = Claim(12345, "app", lambda: self.tokens[-1], MachineKey(Ed25519PrivateKey.generate()), internal)
        self.registration = Registration(self.router, claim, self.clock, self.told.append, Steady())

    def begins(self, *answers: Reply) -> Registration:
        self.router.answers[:] = answers
        self.registration.start()
        return self.registration

    def stops(self, *, release: bool = True) -> bool:
        """Stop; whether that is done."""
        done: list[object] = []
        Deferred.fromCoroutine(self.registration.stop(release=release)).addBoth(done.append)
        self.clock.pump([1.0] * 6)
        return done == [None]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_registers_with_a_signed_nonce(scene: Scene) -> None:
    registration = scene.begins(CHALLENGE, LEASED)
    (asked, register) = scene.router.heard
    assert asked == ("challenge", "secret", {})
    assert register[0] == "register"
    assert register[2].keys() == {"machine", "port", "label", "nonce", "signature"}
    assert (register[2]["port"], register[2]["label"], register[2]["nonce"]) == (12345, "app", "n0")
    assert [lease.url for lease in scene.told] == [GIVEN["url"]]
    assert registration.now() == {"state": "held", "url": GIVEN["url"], "why": "", "certificate": UNTOLD}


def test_it_renews_with_the_nonce_of_the_last_reply_and_tells_nothing_that_is_known(scene: Scene) -> None:
    scene.begins(CHALLENGE, LEASED)
    scene.router.heard.clear()
    scene.router.answers[:] = [LEASED]
    scene.clock.advance(30)
    ((does, _, members),) = scene.router.heard
    assert (does, members["nonce"]) == ("renew", "n1")
    assert "label" not in members
    assert len(scene.told) == 1


def test_another_address_of_the_router_is_told(scene: Scene) -> None:
    scene.begins(CHALLENGE, LEASED)
    scene.router.answers[:] = [Reply(200, GIVEN | NEXT | {"routers": ["10.0.0.3"]})]
    scene.clock.advance(30)
    assert [lease.routers for lease in scene.told] == [("10.0.0.2",), ("10.0.0.3",)]


def test_a_nonce_that_is_no_longer_good_is_replaced_once(scene: Scene) -> None:
    stale = Reply(428, {"error": "nonce", "told": "no longer", "nonce": "n2", "nonce_seconds": 30})
    scene.begins(CHALLENGE, stale, LEASED)
    assert [members.get("nonce") for _, _, members in scene.router.heard] == [None, "n0", "n2"]
    assert scene.registration.state == "held"


def test_a_nonce_that_has_grown_old_is_not_even_tried(scene: Scene) -> None:
    scene.begins(CHALLENGE, Reply(200, GIVEN | {"nonce": "n1", "nonce_seconds": 20}))
    scene.router.words()
    scene.router.answers[:] = [CHALLENGE, LEASED]
    scene.clock.advance(30)
    assert scene.router.words() == ["challenge", "renew"]


def test_a_lease_that_the_router_has_lost_is_registered_anew(scene: Scene) -> None:
    scene.begins(CHALLENGE, LEASED)
    scene.router.words()
    scene.router.answers[:] = [Reply(404, {"error": "lease", **NEXT}), LEASED]
    scene.clock.advance(30)
    assert scene.router.words() == ["renew", "register"]
    assert len(scene.told) == 1


def test_while_the_router_is_away_it_tries_at_growing_distances(scene: Scene, logged: list[LogEvent]) -> None:
    registration = scene.begins()
    assert registration.state == "away"
    moments = []
    for _ in range(130):
        scene.clock.advance(1)
        if scene.router.words():
            moments.append(scene.clock.seconds())
    assert moments == [1, 3, 7, 15, 31, 63, 123]
    assert len([event for event in logged if "the router is away" in str(event.get("log_format"))]) == 1
    scene.router.answers[:] = [CHALLENGE, LEASED]
    scene.clock.advance(60)
    assert registration.now()["state"] == "held"


def test_a_lease_outlasts_a_router_that_is_away_for_less(scene: Scene) -> None:
    registration = scene.begins(CHALLENGE, LEASED)
    scene.clock.advance(30)
    assert (registration.state, registration.why) == ("held", "it takes no connection")
    scene.clock.pump([1.0] * 60)
    assert registration.state == "away"
    scene.router.answers[:] = [CHALLENGE, LEASED]
    scene.clock.pump([1.0] * 5)
    assert registration.now()["why"] == ""
    assert len(scene.told) == 1


def test_a_refusal_is_told_and_tried_again_in_minutes_with_what_the_file_holds_then(
    scene: Scene, logged: list[LogEvent]
) -> None:
    registration = scene.begins(Reply(401, {"error": "token", "told": "the token was revoked"}))
    told = {"state": "refused", "url": "", "why": "the token was revoked", "certificate": UNTOLD}
    assert registration.now() == told
    (event,) = [event for event in logged if "refuses" in str(event.get("log_format"))]
    assert event["told"] == "the token was revoked"
    scene.router.words()
    scene.clock.pump([1.0] * 239)
    assert not scene.router.heard
    scene.tokens.append("another")
    scene.router.answers[:] = [CHALLENGE, LEASED]
    scene.clock.advance(1)
    assert {token for _, token, _ in scene.router.heard} == {"another"}
    assert registration.now()["state"] == "held"


def test_it_waits_as_long_as_it_is_told(scene: Scene) -> None:
    scene.begins(Reply(429, {"error": "rate"}, 17.0))
    scene.router.words()
    scene.clock.advance(17.9)
    assert not scene.router.heard
    scene.clock.advance(0.2)
    assert scene.router.heard


@pytest.mark.parametrize("answers", [[Reply(200, {})], [CHALLENGE, Reply(200, {})]])
def test_what_is_no_promise_counts_as_no_answer(scene: Scene, answers: list[Reply]) -> None:
    registration = scene.begins(*answers)
    assert registration.state == "away"
    assert scene.told == []
    scene.clock.advance(1)
    assert len(scene.router.heard) > len(answers)


def test_at_the_end_the_lease_is_given_back(scene: Scene) -> None:
    scene.begins(CHALLENGE, LEASED)
    scene.router.words()
    scene.router.answers[:] = [Reply(200, {"released": "app-fox-chi"})]
    assert scene.stops()
    assert scene.router.words() == ["release"]
    assert scene.router.closed
    assert scene.registration.state == "released"
    scene.clock.advance(1000)
    assert not scene.router.heard


def test_whoever_goes_on_with_it_keeps_it(scene: Scene) -> None:
    scene.begins(CHALLENGE, LEASED)
    scene.router.words()
    assert scene.stops(release=False)
    assert not scene.router.heard


def test_what_was_never_registered_is_not_released(scene: Scene) -> None:
    scene.begins()
    scene.router.words()
    assert scene.stops()
    assert not scene.router.heard


@pytest.mark.parametrize("hangs", [True, False])
def test_a_router_that_is_away_does_not_keep_us_from_stopping(scene: Scene, hangs: bool) -> None:
    scene.begins(CHALLENGE, LEASED)
    scene.router.hangs = hangs
    assert scene.stops()


def test_stopping_in_the_middle_of_a_word_ends_it(scene: Scene) -> None:
    scene.router.hangs = True
    scene.registration.start()
    assert scene.stops()
    scene.clock.advance(1000)
    assert len(scene.router.heard) == 1


def test_another_state_of_the_certificate_is_told_once(logged: list[LogEvent]) -> None:
    def renewed(**certificate: object) -> Reply:
        return Reply(200, GIVEN | NEXT | {"certificate": {"not_after": 5.0, "why": "", **certificate}})

    scene = Scene()
    scene.begins(CHALLENGE, renewed(state="pending", not_after=None), renewed(state="active"), renewed(state="active"))
    scene.router.answers += [renewed(state="expiring", why="rate limited"), renewed(state="failed"), LEASED]
    for _ in range(5):
        scene.clock.advance(30)
    told = [(event["log_level"].name, event["state"]) for event in logged if "certificate" in event.get("kind", "")]
    assert told == [("info", "pending"), ("info", "active"), ("warn", "expiring"), ("warn", "failed")]
    assert scene.registration.now()["certificate"] == UNTOLD


def test_where_the_machine_forwards_is_told_where_that_may_be_seen() -> None:
    scene = Scene(internal="8080")
    scene.begins(CHALLENGE, LEASED, LEASED)
    scene.clock.advance(30)
    scene.stops()
    told = {does: "internal" in members for does, _, members in scene.router.heard}
    assert told == {"challenge": False, "register": True, "renew": True, "release": False}
