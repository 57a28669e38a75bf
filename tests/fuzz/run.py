"""Games one after the other, for a time: the fuzz target of the whole channel."""

from __future__ import annotations

import gc
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogPublisher
from zope.interface import implementer

from tests.fuzz.game import Game
from tests.fuzz.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

SWEEP = 200
"""After how many games unhandled errors of Deferreds are looked for; they are logged when these are thrown away."""


PATIENCE = 30.0
"""Seconds that a game may take."""


@contextmanager
def silence_in_the_log() -> Iterator[list[str]]:
    """Collect what is logged as an error meanwhile: a traceback, an error that nobody handled."""
    errors: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if event["log_level"] in {LogLevel.error, LogLevel.critical}:
            failure = event.get("log_failure")
            errors.append(failure.getTraceback() if failure is not None else str(event))

    globalLogPublisher.addObserver(observe)
    try:
        yield errors
    finally:
        globalLogPublisher.removeObserver(observe)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer: a game takes milliseconds, and one that turns in circles takes for ever."""

    def interrupt(number: int, frame: object) -> None:
        raise TimeoutError(f"still playing after {seconds} s")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def play(seed: int) -> None:
    """Play one game, and judge it.

    :raises AssertionError: something does not hold; the seed is said.
    """
    with silence_in_the_log() as errors, within(PATIENCE):
        try:
            game = Game(seed)
            game.play()
            judge(game)
            if seed % SWEEP == 0:
                gc.collect()
        except Exception as error:
            raise AssertionError(f"game {seed}: {error!r}") from error
    assert not errors, f"game {seed} or one of {SWEEP} before it:\n" + "\n".join(errors)


def play_for(seconds: float, seed: int) -> int:
    """Play games, the first with this seed, until the time is over; how many there were."""
    deadline = time.monotonic() + seconds
    number = 0
    while time.monotonic() < deadline:
        play(seed + number)
        number += 1
    return number
