"""The zone: one domain, of which every name leads here, and the proofs that an authority looks for.

Rule of this file: who asks for what gets which records; pure but for the proofs, which come and go. There is no list of
names: RFC 4592 would make a wildcard of it, of which twisted.names knows none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.names import dns

from webproxy.router.dns.labels import Labels, dotted, of_text
from webproxy.router.dns.records import (
    ANY,
    NEGATIVE_TTL,
    TRANSFERS,
    ZONE_TTL,
    address_record,
    any_record,
    issuer_record,
    server_record,
    start_record,
    text_record,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webproxy.router.dns.query import Query
    from webproxy.router.dns.settings import Facts

CHALLENGE = b"_acme-challenge"
"""RFC 8555 §8.4."""
MOST = 64
"""Texts at once: an order has one for each of its names."""
LONGEST_TEXT = 255
"""Bytes of a text (RFC 1035 §3.3.14)."""

NOERROR, NXDOMAIN, REFUSED = dns.OK, dns.ENAME, dns.EREFUSED


class Found(NamedTuple):
    """An answer.

    :ivar code: RCODE.
    :ivar answers: records, all of the name that was asked for.
    :ivar start: SOA, of the zone, where there are none (RFC 2308 §2).
    """

    code: int
    answers: Sequence[Any] = ()
    start: Any = None


class Zone:
    """A zone that is served.

    :param serial: of its first version; each later one has the next (RFC 1982 §3.1).
    :ivar name: the domain.
    """

    def __init__(self, facts: Facts, serial: int) -> None:
        self.name = of_text(facts.domain)
        self.serial = serial
        self._contact = facts.contact
        self._servers = [dotted(of_text(name)) for name in facts.servers]
        self._hosts: dict[int, list[Any]] = {}
        for address in facts.addresses:
            record = address_record(address)
            self._hosts.setdefault(record.TYPE, []).append(record)
        self._apex = {dns.NS: [server_record(name) for name in self._servers], **self._hosts}
        if facts.authorities:
            issuers = [issuer_record(authority.encode()) for authority in facts.authorities]
            self._apex[issuers[0].TYPE] = issuers
        self._inside = {labels for labels in map(of_text, facts.servers) if self.holds(labels)}
        self._texts: dict[Labels, list[bytes]] = {}
        self._started()

    def __repr__(self) -> str:
        return f"<Zone {dotted(self.name).decode()} serial={self.serial} texts={self._count()}>"

    def holds(self, name: Labels) -> bool:
        """Tell whether a name is the zone's or below it."""
        return name[-len(self.name) :] == self.name

    def add_text(self, name: str, value: str) -> None:
        """Answer this to who wants the texts of a name, beside what is answered already.

        :param name: whole, with or without a dot at its end.
        :raises ValueError: the name is not in the zone, the text is too long, or there are too many.
        """
        labels, text = of_text(name), value.encode()
        if not self.holds(labels):
            raise ValueError(f"{name} is not in the zone {dotted(self.name).decode()}")
        if len(text) > LONGEST_TEXT:
            raise ValueError(f"a text has {LONGEST_TEXT} bytes at most, not {len(text)}")
        if text in self._texts.get(labels, ()):
            return
        if self._count() >= MOST:
            raise ValueError(f"{MOST} texts are answered already")
        self._texts.setdefault(labels, []).append(text)
        self._changed()

    def remove_text(self, name: str, value: str) -> None:
        """Answer this no longer; nothing is wrong if it was not answered."""
        labels, text = of_text(name), value.encode()
        texts = self._texts.get(labels, [])
        if text in texts:
            texts.remove(text)
            if not texts:
                del self._texts[labels]
            self._changed()

    def find(self, query: Query) -> Found:
        """Decide what is answered."""
        name = query.name
        if query.kind != dns.IN or not self.holds(name):
            return Found(REFUSED)
        if query.type in TRANSFERS:  # RFC 5936 §2.2.1: it may be refused
            return Found(REFUSED)
        if not self._exists(name):
            return Found(NXDOMAIN, (), self._negative)
        if query.type == ANY:  # RFC 8482 §4.2
            return Found(NOERROR, (any_record(),))
        answers = self._records(name, query.type)
        return Found(NOERROR, answers) if answers else Found(NOERROR, (), self._negative)

    def _exists(self, name: Labels) -> bool:
        """Tell whether there is a name in the zone.

        There is every name, but for those below one of a challenge or of a server: these are names on their own, and
        no wildcard reaches below them (RFC 4592 §2.2.1, §3.3.1; RFC 8020 §2).
        """
        inner = name[: -len(self.name)]
        return CHALLENGE not in inner[1:] and not any(name[at:] in self._inside for at in range(1, len(inner)))

    def _records(self, name: Labels, type_: int) -> Sequence[Any]:
        if type_ == dns.TXT:
            return [text_record(text) for text in self._texts.get(name, ())]
        if name == self.name:
            return self._apex.get(type_, ())
        if name[0] == CHALLENGE:  # a name of its own, that has texts and nothing else, even while it has none
            return ()
        return self._hosts.get(type_, ())

    def _count(self) -> int:
        return sum(map(len, self._texts.values()))

    def _changed(self) -> None:
        self.serial = (self.serial + 1) % 2**32
        self._started()

    def _started(self) -> None:
        """Write the start of the zone anew, with its serial."""
        self._apex[dns.SOA] = [start_record(self._servers[0], self._contact, self.serial, ZONE_TTL)]
        # RFC 2308 §3: where it says how long a name's absence may be kept, it is kept no longer itself
        self._negative = start_record(self._servers[0], self._contact, self.serial, NEGATIVE_TTL)
