"""Work that blocks, outside of the reactor's thread, with a limit for how long anybody waits for it.

Rule of this file: a thread for each piece of work, as there are few of them and the next one waits for the last. One
that hangs is left behind, as nobody can stop it, but only so many; none keeps the process from ending.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

MOST = 8
"""Threads at once."""
NAME = "webproxy-router-acme"


class TooLongError(Exception):
    """Work has not ended in time, or too much of it hangs already."""


def in_thread(reactor: Any, limit: float, work: Callable[..., _T], *given: Any) -> Deferred[_T]:
    """Have something done in a thread.

    :param limit: seconds that it may take.
    :returns: fires with what it gives.
    :raises TooLongError: in the result: it takes longer, or the threads are all in use.
    """
    done: Deferred[_T] = Deferred()
    if sum(thread.name == NAME for thread in threading.enumerate()) >= MOST:
        done.errback(TooLongError(f"{MOST} threads hang already"))
        return done

    def run() -> None:
        outcome: Any
        try:
            outcome = work(*given)
        except BaseException:  # noqa: BLE001 - it goes to whoever waits
            outcome = Failure()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            reactor.callFromThread(told, outcome)

    def told(outcome: Any) -> None:
        if not done.called:
            done.callback(outcome)

    def late(result: Any, _limit: float) -> Any:
        if isinstance(result, Failure) and result.check(CancelledError):
            raise TooLongError(f"nothing has come in {limit:g} s")
        return result

    done.addTimeout(limit, reactor, late)
    threading.Thread(target=run, name=NAME, daemon=True).start()
    return done
