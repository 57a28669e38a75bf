"""What a running proxy owes to whoever supervises it: that it is ready, that it lives, that it stops.

Rule of this file: signals and sd_notify(3) on one side, the proxy's service on the other; what is served and how is
``service``'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.application.service import Service
from twisted.internet.task import LoopingCall

if TYPE_CHECKING:
    from webproxy.net.notify import Notifier
    from webproxy.service import ProxyService


class Lifetime(Service):
    """Speaks to the supervisor, from the start of a proxy to its end.

    :param proxy: the service; it must be started before this one and stopped after it.
    :param notifier: where the supervisor listens.
    :param watchdog: how often a sign of life is due, in seconds; None for never.
    """

    def __init__(self, proxy: ProxyService, reactor: Any, notifier: Notifier, watchdog: float | None = None) -> None:
        self._proxy = proxy
        self._reactor = reactor
        self._notifier = notifier
        self._period = watchdog
        self._alive = LoopingCall(notifier.tell, "WATCHDOG=1")
        self._alive.clock = reactor

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

    def _ready(self) -> None:
        if not self.running:
            return
        self._notifier.tell("READY=1", status=self._proxy.told())
        if self._notifier and self._period:
            self._alive.start(self._period)
