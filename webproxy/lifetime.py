"""What a running proxy owes to whoever supervises it: that it is ready, lives, takes other settings, and stops.

Rule of this file: signals and sd_notify(3) on one side, the proxy's service on the other; what is served and how is
``service``'s.
"""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from twisted.application.service import Service
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from webproxy.errors import SettingsError, StartError
from webproxy.settings.difference import difference

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.net.notify import Notifier
    from webproxy.service import ProxyService
    from webproxy.settings.model import Settings

log = Logger()


class Lifetime(Service):
    """Speaks to the supervisor, from the start of a proxy to its end.

    :param proxy: the service; it must be started before this one and stopped after it.
    :param reread: reads all settings anew; raises SettingsError.
    :param notifier: where the supervisor listens.
    :param watchdog: how often a sign of life is due, in seconds; None for never.
    """

    def __init__(
        self,
        proxy: ProxyService,
        reactor: Any,
        reread: Callable[[], Settings],
        notifier: Notifier,
        watchdog: float | None = None,
    ) -> None:
        self._proxy = proxy
        self._reactor = reactor
        self._reread = reread
        self._notifier = notifier
        self._period = watchdog
        self._alive = LoopingCall(notifier.tell, "WATCHDOG=1")
        self._alive.clock = reactor
        self._before: Any = None

    def __repr__(self) -> str:
        return f"<Lifetime of {self._proxy!r}>"

    def startService(self) -> None:
        """Say that we are ready, as soon as the event loop runs: a loop that never runs is not ready."""
        super().startService()
        self._reactor.callWhenRunning(self._ready)

    def stopService(self) -> None:
        """Say that we stop."""
        super().stopService()
        self._notifier.tell("STOPPING=1", status=f"{self._proxy.told()}; stopping: what runs may finish")
        if self._alive.running:
            self._alive.stop()
        if self._before is not None:
            signal.signal(signal.SIGHUP, self._before)

    def reload(self) -> None:
        """Read the settings anew, and let those hold that can; if any of them is wrong, the old ones stay."""
        self._notifier.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        self._notifier.tell("READY=1", status=f"{self._proxy.told()}; {self._take_over()}")

    def _take_over(self) -> str:
        """Take other settings; in words, what came of it."""
        try:
            settings, at_once, at_restart = difference(self._proxy.settings, self._reread())
            self._proxy.apply(settings)
        except (SettingsError, StartError) as error:
            return _refused(error)
        told = f"reloaded: {', '.join(at_once)}" if at_once else "reloaded: nothing changed"
        if at_restart:
            told += f"; only a restart changes {', '.join(at_restart)}"
        log.info("{told}", told=told)
        return told

    def _ready(self) -> None:
        if not self.running:
            return
        if reloads_on_hangup():
            self._before = signal.signal(signal.SIGHUP, self._hung_up)
        self._notifier.tell("READY=1", status=self._proxy.told())
        if self._notifier and self._period:
            self._alive.start(self._period)

    def _hung_up(self, number: int, frame: object) -> None:
        """SIGHUP came; in the middle of anything, so the event loop is asked to see to it."""
        self._reactor.callFromThread(self.reload)


def _refused(error: SettingsError | StartError) -> str:
    """Log every sentence of a refusal, and give the first."""
    told = [f"reload refused, the old settings stay: {sentence}" for sentence in str(error).splitlines()]
    for line in told:
        log.error("{line}", line=line)
    return told[0]


def reloads_on_hangup() -> bool:
    """Tell whether SIGHUP means other settings; to what runs in a terminal it means that the terminal is gone."""
    return not (sys.stdin is not None and sys.stdin.isatty() and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL)
