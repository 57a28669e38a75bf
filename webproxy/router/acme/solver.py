"""How we show an authority that a domain is ours: what a solver is, and the two that the router carries itself.

Rule of this file: a solver makes a proof visible and takes it away again; what is to be shown, and when, is
the order's. Everything here is called in the reactor's thread. RFC 8555 §8.3 (http-01) and §8.4 (dns-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable

Kind = Literal["dns-01", "http-01"]

MOST = 64
"""Tokens that are shown at once; an order has one for each of its names."""


class SolverError(Exception):
    """A proof could not be shown; its text is the sentence for the log."""


class Solver(Protocol):
    """Shows proofs.

    :ivar kind: of which challenges.
    """

    kind: Kind

    def present(self, domain: str, name: str, value: str) -> Awaitable[None]:
        """Show a proof; it is to be seen from everywhere when this is done.

        :param domain: what is proved, without ``*.``.
        :param name: dns-01: of the record, ``_acme-challenge.DOMAIN``; http-01: the token.
        :param value: dns-01: the record's text; http-01: the key authorization.
        :raises SolverError: it cannot be shown.
        """

    def withdraw(self, domain: str, name: str, value: str) -> Awaitable[None]:
        """Show it no longer; nothing is wrong if it was not shown.

        :raises SolverError: it cannot be taken away.
        """


class TextRecords(Protocol):
    """A zone that takes TXT records, several of one name at once; what changes is answered from then on."""

    def add_text(self, name: str, value: str) -> None:
        """Answer this as well; once is enough, whoever says it twice.

        :param name: of the record, whole, without a dot at its end.
        :raises ValueError: it cannot be answered, and why.
        """

    def remove_text(self, name: str, value: str) -> None:
        """Answer this no longer; nothing is wrong if it was not answered."""


class TextSolver:
    """dns-01, in a zone of our own."""

    kind: Kind = "dns-01"

    def __init__(self, zone: TextRecords) -> None:
        self._zone = zone

    async def present(self, domain: str, name: str, value: str) -> None:
        """Add the record.

        :raises SolverError: the zone does not take it.
        """
        try:
            self._zone.add_text(name, value)
        except ValueError as error:
            raise SolverError(str(error)) from error

    async def withdraw(self, domain: str, name: str, value: str) -> None:
        """Remove it."""
        self._zone.remove_text(name, value)


class TokenSolver:
    """http-01: what port 80 answers below ``/.well-known/acme-challenge/``."""

    kind: Kind = "http-01"

    def __init__(self) -> None:
        self._shown: dict[tuple[str, str], str] = {}

    def __repr__(self) -> str:
        return f"<TokenSolver shows={len(self._shown)}>"

    def answer(self, host: str, token: str) -> str | None:
        """Give the key authorization that belongs to a host's token; ``None`` for one that nobody waits for."""
        return self._shown.get((host, token))

    async def present(self, domain: str, name: str, value: str) -> None:
        """Answer it.

        :raises SolverError: there are too many already.
        """
        if len(self._shown) >= MOST and (domain, name) not in self._shown:
            raise SolverError(f"{MOST} tokens are shown already")
        self._shown[domain, name] = value

    async def withdraw(self, domain: str, name: str, value: str) -> None:
        """Answer it no longer."""
        self._shown.pop((domain, name), None)
