"""The certificates that handshakes use, in memory, by name.

Rule of this file: a bounded number of them, those used least recently go and are read again when they are wanted; each
is made anew after 12 h, and with it the keys of its session tickets, which neither ssl nor pyOpenSSL lets us set. One
that cannot be read any more stays in use.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from webproxy.router.certificates import TICKETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.net.tls import Context

MOST = 512


class Contexts:
    """Contexts by name.

    :param clock: seconds that nobody sets.
    :param read: makes one from what is on disk; ``None`` when there is nothing that can be used.
    """

    def __init__(self, clock: Callable[[], float], read: Callable[[str], Context | None]) -> None:
        self._clock = clock
        self._read = read
        self._held: OrderedDict[str, tuple[Context, float]] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Contexts of {len(self._held)} names>"

    def get(self, name: str) -> Context | None:
        """Give what a handshake with a name uses."""
        found = self._held.get(name)
        if found is None:
            return self.renew(name)
        self._held.move_to_end(name)
        context, since = found
        if self._clock() - since >= TICKETS:
            return self.renew(name)
        return context

    def renew(self, name: str) -> Context | None:
        """Read one anew."""
        made = self._read(name)
        before = self._held.get(name)
        if made is None and before is not None:
            made = before[0]
        if made is not None:
            self._held[name] = (made, self._clock())
            self._held.move_to_end(name)
            if len(self._held) > MOST:
                self._held.popitem(last=False)
        return made

    def renew_old(self) -> None:
        """Make those anew whose ticket keys are old, whether anybody asks for them or not; one at a time."""
        for name, (_, since) in self._held.items():
            if self._clock() - since >= TICKETS:
                self.renew(name)
                return

    def drop(self, name: str) -> None:
        """Use one no longer."""
        self._held.pop(name, None)
