"""The guard of the chain: a request goes on when it shows whose it is, and otherwise is answered here.

The order is the security. What was found good before is recognised ahead of every lock and queue; keys and sessions
cost a hash and cannot be guessed, so they are looked at next; only then is a password worth a place in the line. What
a browser attached on its own must come from our own pages where it could do harm. Then everything of ours is taken
out of the head, whatever it was that authorised it. No body is read before all this, and upstream knows of nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.web.server import NOT_DONE_YET

from webproxy.access.authorization import Basic, read_authorization
from webproxy.access.cross_site import SAFE, is_foreign
from webproxy.access.seal import seal
from webproxy.access.stripping import is_ours, stripped, without
from webproxy.address import neighbourhood
from webproxy.downstream.sealed import SealedChannel
from webproxy.errors import ClientProtocolError
from webproxy.message.forwarding import spellings
from webproxy.message.origin import public_origin
from webproxy.resources.chain import StreamingResource
from webproxy.resources.greeting import Greeting
from webproxy.resources.login import Login

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from webproxy.access.recognised import Grant
    from webproxy.downstream.request import Request
    from webproxy.message.head import RequestHead
    from webproxy.resources.guard import Guard

CLAIMED = spellings({b"x-forwarded-user"})


class HTTPAuth(StreamingResource):
    """Lets in who shows a user with a password, an API key, or a session.

    :param guard: knows them.
    :param inner: the resource that gets the requests which may go on.
    :param public: the origin under which the public knows the service; empty: as each request says.
    :param origins: those whose pages are trusted as much as our own.
    """

    def __init__(
        self, guard: Guard, inner: StreamingResource, *, public: bytes = b"", origins: AbstractSet[bytes] = frozenset()
    ) -> None:
        self.guard = guard
        self.inner = inner
        self._public = public
        self._origins = origins

    def render(self, request: Request) -> int:
        """Let a request go on, keep it waiting until its password has been verified, or refuse it.

        Who logs in as the request before did is known already: the channel has found the same grant, still good.
        """
        channel = request.channel
        known = channel.seal
        if channel.shown and known is not None:
            grant, head = known.grant, request.head
            if grant.added or (grant.ambient and (head.websocket or head.method != b"GET")):
                return self._admit(request, grant, head, greet=not known.session)
            if not known.session and head.fields.combined.get(b"accept", b"").find(b"text/html") >= 0:
                return self._admit(request, grant, head, greet=True)
            request.record.user = grant.user
            return self.inner.render(request)
        try:
            return self._look_at(request)
        except ClientProtocolError as error:
            request.record.closed_by = "client"
            request.record.note = error.detail
            request.close_after()
            request.answer(error.status, f"webproxy: {error.detail}.")
            return NOT_DONE_YET

    def _look_at(self, request: Request) -> int:
        """Find out whose request this is.

        :raises ClientProtocolError: its Authorization can be read in more than one way.
        """
        head, guard = request.head, self.guard
        value = head.fields.combined.get(b"authorization")
        if value is None:
            grant = self._by_other_means(request)
            if grant is not None:
                return self._recognised(request, grant, ours=False)
            guard.refuse(request, "no credentials")
            return NOT_DONE_YET
        grant = guard.by_authorization(value, request.channel.site.sweep.now)
        if grant is not None:
            return self._recognised(request, grant, ours=True)
        authorization = read_authorization(head.fields)
        grant = guard.by_key_in(authorization, value) or self._by_other_means(request)
        if grant is not None:
            ours = is_ours(authorization, value, guard.credentials.users)
            return self._recognised(request, grant, ours=ours)
        if isinstance(authorization, Basic):
            place = neighbourhood(request.record.client)
            Login(guard, request, authorization, guard.digest(value), place).begin()
        else:
            guard.refuse(request, "unknown credentials")
        return NOT_DONE_YET

    def _by_other_means(self, request: Request) -> Grant | None:
        """Recognise X-API-Key or the session cookie."""
        fields, guard = request.head.fields, self.guard
        grant = guard.by_api_key(fields)
        if grant is None and b"cookie" in fields.combined:
            grant = guard.by_session(fields, secure=self._is_secure(request))
        return grant

    def _recognised(self, request: Request, grant: Grant, *, ours: bool) -> int:
        """Take what is ours out of the head, and let the channel know it again.

        :param ours: Authorization is.
        """
        head, channel = request.head, request.channel
        own = stripped(head, ours=ours)
        if isinstance(channel, SealedChannel):
            channel.seal = seal(head.fields, grant, self.guard.digest, ours=ours)
        greet = ours and grant.ambient and self._has_no_session(request)
        return self._admit(request, grant, own, greet=greet)

    def _admit(self, request: Request, grant: Grant, head: RequestHead, *, greet: bool) -> int:
        """Let in whoever has a grant, unless a page of another site uses it.

        :param head: without what is ours.
        :param greet: a browser should get a session if it asks for a page.
        """
        record = request.record
        record.user = grant.user
        record.head = request.head = head
        if grant.ambient and (head.websocket or head.method not in SAFE) and self._is_foreign(request):
            return _refuse_foreign(request)
        if grant.added:
            request.added = grant.added
            if request.arrival.trusted:
                request.head = without(head, CLAIMED)
        greeting = self._greeting(request, grant) if greet and grant.ambient else None
        self.inner.render(request)
        if greeting is not None and not request.ended:
            request.judgement = Greeting(request.judgement, greeting)
        return NOT_DONE_YET

    def _is_foreign(self, request: Request) -> bool:
        """Whether a page of another site uses the login, and could do harm."""
        return is_foreign(request.head, public_origin(request.head, request.arrival, self._public), self._origins)

    def _has_no_session(self, request: Request) -> bool:
        fields = request.head.fields
        return b"cookie" not in fields.combined or (
            self.guard.by_session(fields, secure=self._is_secure(request)) is None
        )

    def _greeting(self, request: Request, grant: Grant) -> bytes | None:
        """Give the session that a browser gets; it asks for a page first of all."""
        said = request.head.fields.combined
        if b"text/html" not in said.get(b"accept", b"") or said.get(b"sec-fetch-mode", b"navigate") != b"navigate":
            return None
        return self.guard.cookie_for(grant, secure=self._is_secure(request))

    def _is_secure(self, request: Request) -> bool:
        """Whether the client came over https, to us or to whoever stands in front of us."""
        arrival = request.arrival
        if not self._public and not arrival.trusted:
            return arrival.scheme == b"https"
        return public_origin(request.head, request.arrival, self._public).startswith(b"https:")


def _refuse_foreign(request: Request) -> int:
    """Answer a page of another site that would act with the user's login."""
    record = request.record
    record.closed_by = "access"
    record.note = "a page of another site used the login"
    request.answer(403, "webproxy: a page of another site may not act with your login.")
    return NOT_DONE_YET
