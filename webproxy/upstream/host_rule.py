"""Under which name the internal service is addressed: the public one, or the one it insists on.

Most services do not care, and get the Host that the client sent. Some refuse every Host but a local one (Ollama and
Jupyter, against DNS rebinding). Nobody should have to know that: when the service comes up it is asked with a foreign
name, and where that is refused with a local one; only if the first alone is refused, names are rewritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.logger import Logger

from webproxy.errors import UpstreamError
from webproxy.net.destination import Unix
from webproxy.upstream.probe import Probe, Question, Reply

if TYPE_CHECKING:
    from webproxy.net.destination import Destination
    from webproxy.upstream.pool import Pool

log = Logger()

REFUSED = frozenset((400, 403, 421))
"""How services refuse a Host: Django and Werkzeug, Ollama and Jupyter, RFC 9110 §15.5.20."""

FOREIGN = b"webproxy-probe.invalid"
"""A name that is nobody's (RFC 2606 §2)."""

PATIENCE = 2.0
"""Seconds for all questions together; requests wait for the answers."""

PAUSE = 10.0
"""Seconds until a service that was too busy to answer is asked again; twice as many each time."""

STEPS = 4
"""How many questions to a visitor with a foreign name: Jupyter answers no HEAD, and looks at Host only behind the
redirection at its front door."""


def local_name(destination: Destination) -> bytes:
    """Give the name that a service on this machine has for itself: ``localhost:8080``.

    Without a port where clients name none (RFC 9110 §7.2): what a browser says as Origin is compared with it.
    """
    if isinstance(destination, Unix) or destination.port == 80:
        return b"localhost"
    return b"localhost:%d" % destination.port


class HostRule:
    """States: settled, unsettled, settling (the questions are out).

    :param rule: ``auto``, ``preserve``, ``rewrite``, or the name to send always.
    :param local: the service's own name.
    :ivar local: the same, ``b"localhost:8080"``.
    :ivar settled: whether ``host`` can be relied on.
    :ivar host: the Host to send; ``None``: the one the client sent.
    """

    def __init__(self, rule: str, local: bytes, pool: Pool, clock: Any) -> None:
        self.local = local
        self._pool = pool
        self._clock = clock
        self._waiting: list[Deferred[None]] = []
        self._found = ""
        self._pause = PAUSE
        self.settled = rule != "auto"
        self.host = {"auto": None, "preserve": None, "rewrite": local}.get(rule, rule.encode())
        if not self.settled:
            pool.came_up = self.unsettle

    def __repr__(self) -> str:
        state = "settled" if self.settled else "settling" if self._waiting else "unsettled"
        return f"<HostRule {state}: {(self.host or b'as the client says').decode()}>"

    def unsettle(self) -> None:
        """The service came up, perhaps as another one."""
        if not self._waiting:
            self.settled = False

    def settle(self) -> Deferred[None]:
        """Ask the service.

        :returns: fires when ``host`` can be relied on; never fails.
        """
        settled: Deferred[None] = Deferred()
        self._waiting.append(settled)
        if len(self._waiting) == 1:
            asking = Deferred.fromCoroutine(self._ask())
            asking.addTimeout(PATIENCE, self._clock).addErrback(self._give_up).addBoth(self._tell)
        return settled

    async def _ask(self) -> None:
        question, foreign = await self._visit()
        local = (await self._reply(question, self.local)).status if foreign in REFUSED else foreign
        rewrite = foreign in REFUSED and local not in REFUSED and local > 0
        self.host = self.local if rewrite else None
        self._pause = PAUSE
        self._log(rewrite, foreign)

    async def _visit(self) -> tuple[Question, int]:
        """Go in at the front door with a foreign name; the question with which that ended, and its answer's status."""
        question = Question()
        for _ in range(STEPS - 1):
            reply = await self._reply(question, FOREIGN)
            following = question.after(reply, (FOREIGN, self.local))
            if following is None:
                return question, reply.status
            question = following
        return question, (await self._reply(question, FOREIGN)).status

    def _log(self, rewrite: bool, status: int) -> None:
        """Tell the operator what was found out, unless it is what was found out before."""
        if rewrite:
            finding = f"refuses names that are not its own (status {status}): it gets {self.local.decode()} as Host"
        elif status in REFUSED:
            finding = f"refuses its own name, too (status {status}): it gets the Host that clients send"
        elif status:
            finding = "takes any name: it gets the Host that clients send"
        else:
            return
        if finding != self._found:
            self._found = finding
            log.info("the internal service {finding}", finding=finding, kind="upstream-host")

    async def _reply(self, question: Question, host: bytes) -> Reply:
        connection = await self._pool.connect()
        return await Probe(connection, question, host).reply

    def _give_up(self, failure: Any) -> None:
        failure.trap(UpstreamError, CancelledError, DeferredTimeout)
        self.host = None
        if not failure.check(UpstreamError):  # who refused connections is asked when it comes up
            self._clock.callLater(self._pause, self.unsettle)
            self._pause *= 2

    def _tell(self, _: object) -> None:
        self.settled = True
        waiting, self._waiting = self._waiting, []
        for settled in waiting:
            settled.callback(None)
