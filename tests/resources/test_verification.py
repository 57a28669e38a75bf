"""Whose password is tried, when, and what a wrong one costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.task import Clock

from webproxy.access.throttle import DELAYS, FIRST_LOCK, PATIENT_FAILURES, USER_DELAY, Throttle
from webproxy.resources.verification import DELAYED, WAITING, Verification

if TYPE_CHECKING:
    from collections.abc import Callable


class One:
    """A login: good if its words are."""

    def __init__(self, scene: Scene, place: str, words: str, *, exists: bool) -> None:
        self.scene = scene
        self.place = place
        self.user = words.partition(":")[0].encode()
        self.digest = words.encode()
        self.exists = exists
        self.came = ""

    def is_known(self) -> bool:
        return self.digest in self.scene.known

    def trial(self) -> Callable[[], bool] | None:
        return (lambda: self.digest.endswith(b":good")) if self.exists else None

    def found(self, good: bool) -> None:
        if good:
            self.scene.known.add(self.digest)
        self._comes("good" if good else "wrong")

    def locked(self, seconds: int) -> None:
        self._comes(f"locked {seconds}")

    def no_room(self) -> None:
        self._comes("no room")

    def _comes(self, what: str) -> None:
        assert not self.came
        self.came = what


class Scene:
    """A verification, its clock, and its threads in the test's hands."""

    def __init__(self, threads: int = 1) -> None:
        self.clock = Clock()
        self.known: set[bytes] = set()
        self.running: list[tuple[Callable[[], bool], Callable[[bool], object]]] = []
        self.throttle = Throttle()
        self.verification = Verification(
            self.throttle, self.clock, lambda work, done: self.running.append((work, done)), threads
        )
        self.trials = 0

    def tries(self, place: str, words: str = "ada:bad", *, exists: bool = True) -> One:
        one = One(self, place, words, exists=exists)
        self.verification.submit(one)
        return one

    def ends(self) -> None:
        """The trial that has run longest ends."""
        work, done = self.running.pop(0)
        self.trials += 1
        done(work())

    def settles(self) -> None:
        while self.running:
            self.ends()

    def fails(self, place: str, times: int) -> None:
        for _ in range(times):
            self.throttle.failed(place, b"x", self.clock.seconds())


def test_a_trial_tells() -> None:
    scene = Scene()
    good, bad = scene.tries("a", "ada:good"), scene.tries("b", "ada:bad")
    assert len(scene.running) == 1
    scene.settles()
    assert (good.came, bad.came) == ("good", "wrong")
    assert (scene.throttle.failures("a", 0), scene.throttle.failures("b", 0)) == (0, 1)
    assert repr(scene.verification) == "<Verification free=1 waiting=0 delayed=0>"


def test_as_many_trials_as_threads_and_one_per_address() -> None:
    scene = Scene(threads=2)
    scene.tries("a", "ada:1")
    scene.tries("a", "ada:2")
    assert len(scene.running) == 1
    scene.tries("b")
    scene.tries("c")
    assert len(scene.running) == 2


def test_many_connections_of_an_address_guess_no_faster_than_one() -> None:
    scene = Scene()
    guesses = [scene.tries("a", f"ada:{number}") for number in range(20)]
    scene.settles()
    assert scene.trials == 1  # the others were let in before that one failed
    assert scene.throttle.failures("a", 0) == 1
    for _ in range(100):
        scene.clock.advance(0.1)
        scene.settles()
    assert scene.trials == len(DELAYS)
    assert sorted({one.came.partition(" ")[0] for one in guesses}) == ["locked", "wrong"]


def test_failures_delay_and_then_lock_and_no_trial_is_spent_on_who_is_locked() -> None:
    scene = Scene()
    for count, delay in enumerate(DELAYS):
        one = scene.tries("a", f"ada:{count}")
        if delay:
            scene.clock.advance(delay - 0.01)
            assert not scene.running
            scene.clock.advance(0.02)
        scene.settles()
        assert one.came == "wrong"
    assert scene.tries("a", "ada:good").came == f"locked {FIRST_LOCK:.0f}"
    assert scene.trials == len(DELAYS)
    scene.clock.advance(FIRST_LOCK + 0.01)
    late = scene.tries("a", "eve:good")
    scene.settles()
    assert late.came == "good"


def test_a_user_who_is_guessed_at_is_delayed_and_never_locked() -> None:
    scene = Scene()
    for number in range(PATIENT_FAILURES + 20):
        scene.throttle.failed(f"guesser {number}", b"ada", 0.0)
    owner = scene.tries("home", "ada:good")
    assert not scene.running
    scene.clock.advance(USER_DELAY)
    scene.settles()
    assert owner.came == "good"


def test_who_waits_with_the_same_words_is_let_in_with_the_first() -> None:
    scene = Scene()
    everybody = [scene.tries("a", "ada:good") for _ in range(6)]
    scene.fails("b", 1)
    delayed = scene.tries("b", "ada:good")
    scene.settles()
    assert [one.came for one in (*everybody, delayed)] == ["good"] * 7
    assert scene.trials == 1
    assert not scene.clock.getDelayedCalls()


def test_who_waits_at_the_same_address_with_the_same_wrong_words_failed_once() -> None:
    scene = Scene()
    same = [scene.tries("a") for _ in range(6)]
    elsewhere = scene.tries("b")
    scene.ends()
    assert [one.came for one in same] == ["wrong"] * 6
    assert (scene.throttle.failures("a", 0), elsewhere.came) == (1, "")
    scene.settles()
    assert elsewhere.came == "wrong"


def test_what_was_found_good_while_it_waited_needs_no_trial() -> None:
    scene = Scene()
    scene.tries("a", "ada:1")
    waits = scene.tries("b", "eve:good")
    scene.known.add(b"eve:good")
    scene.settles()
    assert (waits.came, scene.trials) == ("good", 1)


def test_where_there_is_nothing_to_find_out_no_trial_is_spent() -> None:
    scene = Scene()
    assert scene.tries("a", exists=False).came == "wrong"
    assert (scene.running, scene.throttle.failures("a", 0)) == ([], 0)


def test_a_full_line_turns_away_who_has_failed_before_and_then_who_has_been_here_longest() -> None:
    scene = Scene()
    scene.fails("guesser", 1)
    scene.clock.advance(0.5)
    scene.tries("first")
    guesser = scene.tries("guesser")
    waiting = [scene.tries(f"a{number}") for number in range(WAITING)]
    assert guesser.came == "no room"
    assert {one.came for one in waiting} == {""}
    owner = scene.tries("owner", "ada:good")
    assert (waiting[0].came, owner.came) == ("no room", "")
    assert scene.tries("a0").came == "no room"
    scene.ends()
    scene.ends()
    assert owner.came == "good"


def test_of_those_who_are_delayed_there_are_only_so_many() -> None:
    scene = Scene()
    for number in range(DELAYED + 1):
        scene.fails(f"a{number}", 2 if number == 7 else 1)
    ones = [scene.tries(f"a{number}") for number in range(DELAYED + 1)]
    assert [number for number, one in enumerate(ones) if one.came] == [7]
    assert len(scene.clock.getDelayedCalls()) == DELAYED
    scene.fails("worst", 3)
    assert scene.tries("worst").came == "no room"


def test_who_leaves_is_forgotten_but_a_trial_that_runs_counts() -> None:
    scene = Scene()
    scene.fails("b", 1)
    runs, waits, delayed = scene.tries("a"), scene.tries("c"), scene.tries("b")
    for one in (runs, waits, delayed):
        scene.verification.leave(one)
    assert not scene.clock.getDelayedCalls()
    scene.settles()
    assert scene.trials == 1
    assert scene.throttle.failures("a", 0) == 1
    assert (waits.came, delayed.came) == ("", "")
