"""Padlocks: how the certificate of each name is, and whether that is an alarm.

Rule of this file: which certificate is a name's: its own before a wildcard (RFC 6125 §6.4.3: one label). Looked up for
every renewal of a lease, so the certificates are asked once a second and not each time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from webproxy.router.acme.status import CertificateStatus

FRESH = 1.0
"""Seconds for which an answer is good."""


class Padlocks:
    """The certificates of one router.

    :param domain: names are one label below it.
    :param ask: tells how certificates are.
    :param clock: seconds, on any clock that goes on.
    """

    def __init__(self, domain: str, ask: Callable[[], Sequence[CertificateStatus]], clock: Callable[[], float]) -> None:
        self._domain = domain
        self._ask = ask
        self._clock = clock
        self._asked = -math.inf
        self._all: Sequence[CertificateStatus] = ()
        self._by_name: dict[str, CertificateStatus] = {}
        self._wild: CertificateStatus | None = None

    def __repr__(self) -> str:
        return f"<Padlocks of {self._domain}>"

    def all(self) -> Sequence[CertificateStatus]:
        """Tell how the certificates are."""
        now = self._clock()
        if now - self._asked >= FRESH:
            self._asked = now
            self._all = self._ask()
            self._by_name = {name: status for status in reversed(self._all) for name in status.names}
            self._wild = self._by_name.get(f"*.{self._domain}")
        return self._all

    def of(self, label: str) -> CertificateStatus | None:
        """Tell how the certificate of a name is; ``None`` when there is none, and none is awaited.

        :param label: the name's first part.
        """
        self.all()
        return self._by_name.get(f"{label}.{self._domain}", self._wild)
