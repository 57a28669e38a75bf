"""What a running proxy owes to whoever supervises it: that it is ready, lives, takes other settings, and stops.

Rule of this file: signals and sd_notify(3) on one side, the proxy's service on the other; what is served and how is
``service``'s. A reload that finds another version installed starts it with our sockets and leaves the service to it:
one process speaks to the supervisor at a time, and no connection is lost on the way.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from webproxy.errors import SettingsError, StartError
from webproxy.net.notify import time_wanted
from webproxy.net.successor import READY, Link, Successor, SuccessorError
from webproxy.observe.threshold import Threshold
from webproxy.settings.difference import difference
from webproxy.settings.password import bequest
from webproxy.version import installation

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from webproxy.net.notify import Notifier
    from webproxy.service import ProxyService
    from webproxy.settings.model import Settings

log = Logger()


UP_WITHIN = 60.0
"""How many seconds another version has to come up."""


class Lifetime(Service):
    """Speaks to the supervisor, from the start of a proxy to its end.

    States: starting, serving, handing over (another version comes up), retired (it has), stopped.

    :param proxy: the service; it must be started before this one and stopped after it.
    :param reread: reads all settings anew; raises SettingsError.
    :param notifier: where the supervisor listens.
    :param watchdog: how often a sign of life is due, in seconds; None for never.
    :param command: how we were started, to start another version alike; None where that cannot be.
    :param predecessor: the process whose place we take, at the other end of a stream.
    """

    def __init__(
        self,
        proxy: ProxyService,
        reactor: Any,
        reread: Callable[[], Settings],
        notifier: Notifier,
        *,
        watchdog: float | None = None,
        command: Sequence[str] | None = None,
        predecessor: socket.socket | None = None,
    ) -> None:
        self._proxy = proxy
        self._reactor = reactor
        self._reread = reread
        self._notifier = notifier
        self._period = watchdog
        self._command = command
        self._predecessor = predecessor
        self._alive = LoopingCall(notifier.tell, "WATCHDOG=1")
        self._alive.clock = reactor
        self._caught: dict[signal.Signals, Any] = {}
        self._threshold = Threshold()
        self._successor: Successor | None = None
        self._runs = installation()
        self._state = "starting"

    def __repr__(self) -> str:
        return f"<Lifetime of {self._proxy!r} {self._state}>"

    def startService(self) -> None:
        """Say that we are ready, as soon as the event loop runs: a loop that never runs is not ready."""
        super().startService()
        self._threshold.choose(self._proxy.settings.log_level)
        self._threshold.put_in_place()
        self._proxy.when_led = self._led
        self._reactor.callWhenRunning(self._ready)

    def stopService(self) -> None:
        """Say that we stop."""
        super().stopService()
        self._state = "stopped"
        if self._successor is not None:
            self._successor.give_up()
        status = f"{self._proxy.told()}; stopping: what runs may finish"
        self._notifier.tell("STOPPING=1", *time_wanted(self._proxy.settings.drain), status=status)
        if self._alive.running:
            self._alive.stop()
        self._threshold.take_away()
        for number, before in self._caught.items():
            signal.signal(number, before)
        self._caught.clear()

    def _ready(self) -> None:
        if not self.running:
            return
        if reloads_on_hangup():
            self._catch(signal.SIGHUP, self.reload)
        if signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL:  # else it is twistd's, whose log file it rotates
            self._catch(signal.SIGUSR1, self._proxy.reopen_logs)
        if self._predecessor is None:
            self._speak("READY=1")
        else:
            Link(self._reactor, self._predecessor, self._predecessor_said).say(READY)

    def _predecessor_said(self, data: bytes) -> None:
        """The process before us has named us to the supervisor, or has died."""
        if not data and self.running:
            self._speak()

    def _speak(self, *assignments: str) -> None:
        """Speak for the service from here on."""
        self._state = "serving"
        self._notifier.tell(*assignments, status=self._proxy.told())
        if self._notifier and self._period:
            self._alive.start(self._period)

    def _led(self) -> None:
        """The router has given us a name, or moved."""
        log.info("{told}", told=self._proxy.told(), kind="lease-held")
        if self._state == "serving":
            self._notifier.tell(status=self._proxy.told())

    def _catch(self, number: signal.Signals, call: Callable[[], None]) -> None:
        """Have a signal obeyed by the event loop: it comes in the middle of anything."""
        self._caught[number] = signal.signal(number, lambda *_: self._reactor.callFromThread(call))

    def reload(self) -> None:
        """Take other settings, or leave the service to the version that is installed now, if that is another one."""
        if self._state != "serving":
            log.info("not reloaded: {state}", state=self._state, kind="reload-not-now")
            return
        self._notifier.tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        installed = installation()
        if installed != self._runs and self._command is not None:
            self._state = "handing over"
            Deferred.fromCoroutine(self._hand_over(self._command, installed.version))
        else:
            self._notifier.tell("READY=1", status=f"{self._proxy.told()}; {self._take_over()}")

    async def _hand_over(self, command: Sequence[str], version: str) -> None:
        """Start what is installed now with our sockets, and retire once it serves; go on serving if it does not."""
        log.info("webproxy {version} is installed now: starting it", version=version, kind="upgrade-begun")
        try:
            proxy = self._proxy
            environ, stdin = bequest(proxy.settings, os.environ)
            successor = Successor(
                self._reactor, command, proxy.sockets, environ, stdin=stdin, legacy=proxy.legacy, within=UP_WITHIN
            )
            self._successor = successor
            await successor.ready
        except SuccessorError as error:
            if not self.running:
                return
            self._state = "serving"
            told = f"webproxy {version}, which is installed now, did not come up, and this one serves on: {error}"
            log.error("{told}", told=told, kind="upgrade-failed")  # noqa: TRY400 - no fault of this process
            self._notifier.tell("READY=1", status=f"{self._proxy.told()}; {told}")
            return
        self._notifier.tell(f"MAINPID={successor.pid}", "READY=1", status=f"{self._proxy.told()}; upgraded")
        self._retire()
        successor.release()
        log.info("process {pid} serves; what runs here may go on", pid=successor.pid, kind="upgrade-done")
        try:
            await self._proxy.retire()
        except Exception:  # noqa: BLE001 - whatever it is, a process that nobody needs must not stay for ever
            log.failure("what ran here was not left alone", kind="upgrade-over-early")
        if self.running:
            log.info("nothing runs here any more", kind="upgrade-over")
            self._reactor.stop()

    def _retire(self) -> None:
        """Leave the supervisor to the other process."""
        self._state = "retired"
        self._notifier.silence()
        if self._alive.running:
            self._alive.stop()

    def _take_over(self) -> str:
        """Take other settings; in words, what came of it."""
        try:
            settings, at_once, at_restart = difference(self._proxy.settings, self._reread())
            self._proxy.apply(settings)
            self._threshold.choose(settings.log_level)
        except (SettingsError, StartError) as error:
            return _refused(error)
        told = f"reloaded: {', '.join(at_once)}" if at_once else "reloaded: nothing changed"
        if at_restart:
            told += f"; only a restart changes {', '.join(at_restart)}"
        log.info("{told}", told=told, kind="reloaded")
        return told


def _refused(error: SettingsError | StartError) -> str:
    """Log every sentence of a refusal, and give the first."""
    told = [f"reload refused, the old settings stay: {sentence}" for sentence in str(error).splitlines()]
    for line in told:
        log.error("{line}", line=line, kind="reload-refused")
    return told[0]


def reloads_on_hangup() -> bool:
    """Tell whether SIGHUP means other settings; to what runs in a terminal it means that the terminal is gone."""
    return not (sys.stdin is not None and sys.stdin.isatty() and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL)
