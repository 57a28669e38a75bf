"""What the guard of the chain knows and remembers: who may come in, who did, who tried to.

Rule of this file: it outlives the resources, which are made anew when settings change. Whom a request shows is decided
from what ``webproxy.access`` reads in its head; nothing here looks at a password, and nothing keeps one.
"""

from __future__ import annotations

import secrets
import time
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from webproxy.access.authorization import Basic, Bearer
from webproxy.access.challenge import asks_as_program, challenge
from webproxy.access.cookies import cookie_name, cookie_values
from webproxy.access.decoys import Decoys
from webproxy.access.keyed_digest import KeyedDigest
from webproxy.access.keys import PREFIX, digest_of
from webproxy.access.recognised import Grant, Recognised
from webproxy.access.session import LIFETIME, Subject, read_session, set_cookie, signed
from webproxy.access.throttle import Throttle
from webproxy.message import answer
from webproxy.message.answer import Shape
from webproxy.resources.verification import Verification

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from webproxy.access.keys import Key
    from webproxy.downstream.request import Request
    from webproxy.message.fields import Fields

USER, KEY = b"u", b"k"
"""Kinds of subjects."""


class Ledger(Protocol):
    """Users and keys, as they are now; :class:`webproxy.resources.credentials.Credentials` is one."""

    session_secret: bytes

    @property
    def users(self) -> Mapping[bytes, bytes]: ...  # noqa: D102

    def key(self, digest: bytes, now: float | None = None) -> Key | None: ...  # noqa: D102

    def binding_of(self, subject: Subject) -> bytes | None: ...  # noqa: D102

    def when_changed(self, listener: Callable[[Callable[[Subject], bool]], object]) -> None: ...  # noqa: D102


class Sides(NamedTuple):
    """What the two sides of the proxy are told of who came in.

    :ivar port: the external one; the session cookie's name carries it, for cookies are shared by all ports of a host.
    :ivar forward_user: the internal service is told in X-Forwarded-User.
    """

    port: int
    forward_user: bool = False


class Guard:
    """Knows who may come in.

    :param credentials: users and keys.
    :param sides: what both sides are told.
    :param clock: tells seconds and calls later.
    :param run: has work done in a thread.
    :param threads: how many there are.
    :param wall: tells the time of day, in seconds since the epoch.
    """

    def __init__(
        self,
        credentials: Ledger,
        sides: Sides,
        clock: Any,
        run: Callable[..., None],
        threads: int = 1,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.credentials = credentials
        self.digest = KeyedDigest(secrets.token_bytes(32))
        self.throttle = Throttle()
        self.recognised = Recognised()
        self.verification = Verification(self.throttle, clock, run, threads)
        self._sides = sides
        self._cookies = tuple(cookie_name(sides.port, secure=secure) for secure in (False, True))
        self._clock = clock
        self._wall = wall
        self._decoy_key = secrets.token_bytes(32)
        self._changed()
        credentials.when_changed(self._changed)

    def __repr__(self) -> str:
        return f"<Guard {self.recognised!r} {self.throttle!r} {self.verification!r}>"

    def _changed(self, ended: Callable[[Subject], bool] | None = None) -> None:
        """Forget whose credential is another now, or none."""
        self.decoys = Decoys(self.credentials.users.values(), self._decoy_key)
        if ended is not None:
            self.recognised.end(ended)

    # Whom a request shows

    def by_authorization(self, value: bytes, now: float) -> Grant | None:
        """Recognise an Authorization field that was found good before.

        :param now: the clock's seconds; a quarter of one late does no harm.
        """
        return self.recognised.get(self.digest(value), now)

    def is_known(self, digest: bytes) -> bool:
        """Tell whether what has this digest was found good before."""
        return self.recognised.get(digest, self._clock.seconds()) is not None

    def by_key_in(self, authorization: Basic | Bearer | None, value: bytes) -> Grant | None:
        """Recognise a key as Bearer token, or as the password of Basic, whatever the user is called."""
        if isinstance(authorization, Bearer):
            return self._by_key(authorization.token, self.digest(value), ambient=False)
        if isinstance(authorization, Basic):
            return self._by_key(authorization.password, self.digest(value), ambient=True)
        return None

    def by_api_key(self, fields: Fields) -> Grant | None:
        """Recognise the key in X-API-Key."""
        value = fields.combined.get(b"x-api-key")
        if value is None or not value.startswith(PREFIX):
            return None
        digest = self.digest(b"\0x" + value)  # no field begins so: a key is no Authorization, and the other way round
        return self.recognised.get(digest, self._clock.seconds()) or self._by_key(value, digest, ambient=False)

    def by_session(self, fields: Fields, *, secure: bool) -> Grant | None:
        """Recognise the session in our cookie.

        :param secure: the outside is https.
        """
        name = self._cookies[secure]
        for value in cookie_values(fields, name):
            digest = self.digest(b"\0c" + name + value)
            grant = self.recognised.get(digest, self._clock.seconds()) or self._by_session(name, value, digest)
            if grant is not None:
                return grant
        return None

    def _by_key(self, token: bytes, digest: bytes, *, ambient: bool) -> Grant | None:
        if not token.startswith(PREFIX):
            return None
        key = self.credentials.key(digest_of(token), self._wall())
        if key is None:
            return None
        until = self._clock.seconds() + key.expires - self._wall()
        return self._grant(digest, Subject(KEY, key.digest), key.name.encode(), until, ambient=ambient)

    def _by_session(self, name: bytes, value: bytes, digest: bytes) -> Grant | None:
        wall, secret = self._wall(), self.credentials.session_secret
        session = read_session(value, wall, self.credentials.binding_of, name, secret)
        if session is None:
            return None
        subject, ends = session.subject, float(session.expires)
        user = subject.name
        if subject.kind == KEY:
            key = self.credentials.key(subject.name, wall)
            if key is None:
                return None
            user, ends = key.name.encode(), min(ends, key.expires)
        return self._grant(digest, subject, user, self._clock.seconds() + ends - wall, ambient=True)

    def remember(self, digest: bytes, user: bytes) -> None:
        """A user's password was found good."""
        self._grant(digest, Subject(USER, user), user, inf, ambient=True)

    def _grant(self, digest: bytes, subject: Subject, user: bytes, until: float, *, ambient: bool) -> Grant:
        added = ((b"X-Forwarded-User", user),) if self._sides.forward_user else ()
        name = user.decode("utf-8", "backslashreplace")
        grant = Grant(subject, name, ambient=ambient, until=until, added=added)
        self.recognised.add(digest, grant)
        return grant

    # What is answered

    def cookie_for(self, grant: Grant, *, secure: bool) -> bytes | None:
        """Write the Set-Cookie field's value for a browser that has just logged in; None: it may not any more."""
        binding = self.credentials.binding_of(grant.subject)
        if binding is None:
            return None
        name = self._cookies[secure]
        expires = int(self._wall()) + LIFETIME
        value = signed(grant.subject, expires, binding, name, self.credentials.session_secret)
        return set_cookie(name, value, secure=secure)

    def refuse(self, request: Request, outcome: str) -> None:
        """Answer 401.

        :param outcome: for the log.
        """
        request.record.closed_by = "access"
        request.record.note = outcome
        head = request.head
        shape = answer.shape(head)
        if asks_as_program(head) and shape is not Shape.OLLAMA:
            shape = Shape.JSON
        text = "webproxy: this service wants to know who you are: a user with a password, or an API key."
        request.answer(401, text, [challenge(head)], shape=shape)
