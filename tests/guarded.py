"""A proxy that is guarded, without a socket: users and keys in memory, and trials of passwords in the test's hands."""

from __future__ import annotations

import time
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import bcrypt

from tests.wire import Side, Wire
from webproxy.access.keys import Key, digest_of, key_of
from webproxy.resources.guard import Guard, Sides
from webproxy.resources.http_auth import HTTPAuth

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.access.session import Subject

KEY = key_of(4711)
EXPIRED = key_of(4712)
USERS = {b"ada": bcrypt.hashpw(b"right", bcrypt.gensalt(4)), b"eve": bcrypt.hashpw(b"other", bcrypt.gensalt(4))}
KEYS = (Key("ci", digest_of(KEY)), Key("old", digest_of(EXPIRED), 1.0))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Ledger:
    """Users and keys in memory."""

    def __init__(self) -> None:
        self.users: dict[bytes, bytes] = dict(USERS)
        self.keys = {key.digest: key for key in KEYS}
        self.session_secret = b"s" * 32
        self._listeners: list[Callable[[Callable[[Subject], bool]], object]] = []

    def key(self, digest: bytes, now: float | None = None) -> Key | None:
        key = self.keys.get(digest)
        return key if key is not None and (time.time() if now is None else now) < key.expires else None

    def binding_of(self, subject: Subject) -> bytes | None:
        if subject.kind == b"u":
            return self.users.get(subject.name)
        return subject.name if self.key(subject.name) is not None else None

    def when_changed(self, listener: Callable[[Callable[[Subject], bool]], object]) -> None:
        self._listeners.append(listener)

    def changes(self, user: bytes, kept: bytes | None) -> None:
        """A user has another hash, or is none any more."""
        if kept is None:
            del self.users[user]
        else:
            self.users[user] = kept
        for listener in self._listeners:
            listener(lambda subject: subject.name == user)


class Trials:
    """Trials of passwords that wait for the test, each with what wants to know."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], bool], Callable[[bool], object]]] = []
        self.count = 0

    def __call__(self, work: Callable[[], bool], done: Callable[[bool], object]) -> None:
        self.waiting.append((work, done))

    def happen(self) -> int:
        """Do what waits, and what comes of that; how many there were."""
        count = 0
        while self.waiting:
            work, done = self.waiting.pop(0)
            done(work())
            count += 1
        self.count += count
        return count


class Guarded(Wire):
    """A guarded proxy."""

    def __init__(self, *, forward_user: bool = False, threads: int = 1, **given: Any) -> None:
        auth = {name: given.pop(name) for name in ("public", "origins") if name in given}
        super().__init__(**given)
        self.ledger = Ledger()
        self.trials = Trials()
        self.guard = Guard(self.ledger, Sides(12345, forward_user), self.reactor, self.trials, threads)
        self.site.root = HTTPAuth(self.guard, self.forward, **auth)
        self.site.guarded = True
        self.site.origins = auth.get("origins", frozenset())
        self._peer: Side | None = None

    def asks(self, *lines: bytes, start: bytes = b"GET / HTTP/1.1", host: str = "203.0.113.7") -> Side:
        """A new client asks."""
        client = self.client(host)
        client.says(asking(*lines, start=start))
        return client

    def lets_in(self, client: Side) -> bytes:
        """What upstream saw of the request of ``client``, which gets its answer."""
        if self.attempts:
            self._peer = self.upstream()
        assert self._peer is not None, client.sees()
        seen = self._peer.sees()
        assert seen, client.sees()
        self._peer.says(OK)
        assert client.sees().endswith(b"\r\n\r\nok")
        return seen


def asking(*lines: bytes, start: bytes = b"GET / HTTP/1.1") -> bytes:
    """A request's head."""
    return b"\r\n".join([start, b"Host: h:12345", *lines, b"", b""])


def basic(user: str, password: str) -> bytes:
    """A login."""
    return b"Authorization: Basic " + b64encode(f"{user}:{password}".encode())


def fields(seen: bytes, name: bytes) -> list[bytes]:
    """The values of a field in a head as it went over the wire."""
    lines = [line.partition(b": ") for line in seen.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]]
    return [value for received, _, value in lines if received.lower() == name.lower()]
