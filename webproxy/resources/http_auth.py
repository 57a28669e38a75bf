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
from webproxy.access.stripping import AUTHORIZATION, is_ours, stripped, without
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

        Who repeats a head that was let in is let in again: the channel has seen that the grant is still good.
        """
        sealed = getattr(request.channel, "sealed", None)
        if sealed is not None and sealed.head is request.head:
            return self._enter(request, sealed.head, sealed.grant)
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
                return self._admit(request, grant, ours=False)
            guard.refuse(request, "no credentials")
            return NOT_DONE_YET
        grant = guard.by_authorization(value)
        if grant is not None:
            return self._admit(request, grant, ours=True)
        authorization = read_authorization(head.fields)
        grant = guard.by_key_in(authorization, value) or self._by_other_means(request)
        if grant is not None:
            return self._admit(request, grant, ours=is_ours(authorization, value, guard.credentials.users))
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

    def _admit(self, request: Request, grant: Grant, *, ours: bool) -> int:
        """Let in whoever has a grant, unless a page of another site uses it.

        :param ours: Authorization is meant for this proxy.
        """
        head = request.head
        if grant.ambient and (head.websocket or head.method not in SAFE):
            public = public_origin(head, request.arrival, self._public)
            if is_foreign(head, public, self._origins):
                return _refuse_foreign(request, grant)
        said = head.fields.combined
        if ours and b"cookie" not in said and b"x-api-key" not in said:
            own = without(head, AUTHORIZATION)
        else:
            own = stripped(head, ours=ours)
        if grant.added and request.arrival.trusted:
            own = without(own, CLAIMED)
        channel = request.channel
        if isinstance(channel, SealedChannel):
            channel.seal(own, grant)
        greeting = self._greeting(request, grant) if ours and grant.ambient else None
        self._enter(request, own, grant)
        if greeting is not None and not request.ended:
            request.judgement = Greeting(request.judgement, greeting)
        return NOT_DONE_YET

    def _enter(self, request: Request, head: RequestHead, grant: Grant) -> int:
        """Pass a request on, as its user's and without the credential."""
        record = request.record
        record.user = grant.user
        record.head = request.head = head
        request.added = grant.added
        return self.inner.render(request)

    def _greeting(self, request: Request, grant: Grant) -> bytes | None:
        """Give the session that a browser gets which has logged in and has none; it asks for a page first of all."""
        said = request.head.fields.combined
        if said.get(b"sec-fetch-mode", b"navigate") != b"navigate" or b"text/html" not in said.get(b"accept", b""):
            return None
        secure = self._is_secure(request)
        if self.guard.by_session(request.head.fields, secure=secure) is not None:
            return None
        return self.guard.cookie_for(grant, secure=secure)

    def _is_secure(self, request: Request) -> bool:
        """Whether the client came over https, to us or to whoever stands in front of us."""
        return public_origin(request.head, request.arrival, self._public).startswith(b"https:")


def _refuse_foreign(request: Request, grant: Grant) -> int:
    """Answer a page of another site that would act with the user's login."""
    record = request.record
    record.user = grant.user
    record.closed_by = "access"
    record.note = "a page of another site used the login"
    request.answer(403, "webproxy: a page of another site may not act with your login.")
    return NOT_DONE_YET
