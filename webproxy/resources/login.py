"""A request whose user and password have to be verified before it may go on, or be refused.

No body is read meanwhile, the internal service has not been asked, and whoever leaves is forgotten at once. Once the
password is known to be good, the request goes through the chain anew, and is recognised there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bcrypt

from webproxy.access.password import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.access.authorization import Basic
    from webproxy.downstream.request import Request
    from webproxy.resources.guard import Guard

PATIENCE = 30.0
"""Seconds that a login may wait."""

RETRY_AFTER = 2
"""Seconds after which there may be room again."""


def is_right(password: bytes, kept: bytes) -> bool:
    """Compare a password with a bcrypt hash; what bcrypt would not look at cannot be right, and costs the same."""
    right = bcrypt.checkpw(password[:LONGEST], kept)
    return right and len(password) <= LONGEST


class Login:
    """One request that waits. States: waiting (its turn has not come), on trial, over.

    :param basic: what was tried.
    :param digest: of that.
    :ivar place: what counts as its address.
    :ivar user: a digest of the name.
    """

    __slots__ = ("_basic", "_guard", "_kept", "_request", "digest", "place", "user")

    def __init__(self, guard: Guard, request: Request, basic: Basic, digest: bytes, place: str) -> None:
        self._guard = guard
        self._request: Request | None = request
        self._basic = basic
        self._kept: bytes | None = None
        self.digest = digest
        self.place = place
        self.user = guard.digest(basic.user)

    def __repr__(self) -> str:
        return f"<Login from {self.place} for {self._request!r}>"

    def begin(self) -> None:
        """Wait for a verdict."""
        request = self._request
        if request is not None:
            request.responder = self
            request.limit = PATIENCE
            request.channel.touch(PATIENCE)
            self._guard.verification.submit(self)

    # What the verification asks

    def is_known(self) -> bool:
        """Tell whether the same has been found good meanwhile."""
        return self._guard.is_known(self.digest)

    def trial(self) -> Callable[[], bool] | None:
        """Give what compares the password, with the user's hash or with one that costs the same."""
        user, password = self._basic
        self._kept = self._guard.credentials.users.get(user)
        kept = self._kept or self._guard.decoys.hash_for(user)
        if kept is None:
            return None
        return lambda: is_right(password, kept)

    def found(self, good: bool) -> None:
        """Let the request go on, or refuse it. A hash that is not the user's any more has shown nothing."""
        user = self._basic.user
        good = good and (self._kept is None or self._guard.credentials.users.get(user) == self._kept)
        if good and self._kept is not None:
            self._guard.remember(self.digest, user)
        good = good and self.is_known()
        request = self._over()
        if request is None:
            return
        if good:
            request.channel.site.render(request)
        elif user in self._guard.credentials.users:
            self._guard.refuse(request, f"wrong password for {user.decode('utf-8', 'backslashreplace')}")
        else:  # the name is not written down: people type passwords there
            self._guard.refuse(request, "unknown user")

    def locked(self, seconds: int) -> None:
        """Refuse it unseen, for its address failed too often."""
        request = self._over()
        if request is not None:
            text = "webproxy: too many logins from your address have failed."
            request.record.note = "login not looked at: address locked"
            self._answer(request, 429, text, seconds)

    def no_room(self) -> None:
        """Refuse it unseen, for too many wait."""
        request = self._over()
        if request is not None:
            request.record.note = "login not looked at: too many wait"
            self._answer(request, 503, "webproxy: too many logins wait to be verified.", RETRY_AFTER)

    def _answer(self, request: Request, status: int, text: str, seconds: int) -> None:
        request.record.closed_by = "access"
        request.answer(status, text, [(b"Retry-After", b"%d" % seconds)])

    def _over(self) -> Request | None:
        """Let go of the request."""
        request, self._request = self._request, None
        if request is not None:
            request.responder = None
        return request

    # A responder hears what becomes of the client

    def body_received(self, data: bytes, complete: bool) -> None:
        """Never: nobody has asked for the body."""

    def client_stalled(self) -> None:
        """There is nothing to stall yet."""

    def client_ready(self) -> None:
        """There is nothing to go on with yet."""

    def client_left(self) -> None:
        """Give the place in line back."""
        if self._over() is not None:
            self._guard.verification.leave(self)

    def deadline_passed(self) -> None:
        """It took too long."""
        self._guard.verification.leave(self)
        self.no_room()
