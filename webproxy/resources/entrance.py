"""Everything in front of the policies, outermost first: addresses, preflights, credentials, the service's own login.

Rule of this file: what is not asked for is not there, and costs no request anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from webproxy.downstream.doors import Doors
from webproxy.net.address import Networks
from webproxy.resources.credentials import Credentials
from webproxy.resources.doorkeeper import Doorkeeper
from webproxy.resources.guard import Guard, Sides
from webproxy.resources.http_auth import HTTPAuth
from webproxy.resources.preflights import AnsweredPreflights, PassedPreflights
from webproxy.resources.threads import Threads
from webproxy.resources.upstream_login import UpstreamLogin

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall

    from webproxy.downstream.site import Site
    from webproxy.resources.chain import StreamingResource
    from webproxy.settings.model import Settings

WAITING = 60.0
"""Seconds until nobody waits for a verification any more: the queue for it is bounded."""


class Entrance:
    """Who stands in front of the policies.

    :param settings: what is asked for.
    :param reactor: its clock and its threads.
    :param legacy: what the entrance before this one has left; empty: there was none.
    :raises SettingsError: a file of users or keys cannot be used.
    :ivar guard: knows who may come in; None: everybody may.
    """

    def __init__(self, settings: Settings, reactor: Any, legacy: bytes = b"") -> None:
        self.guard: Guard | None = None
        self._legacy = legacy
        self._asked_for = _guarded(settings)
        self._reactor = reactor
        self._leaving: IDelayedCall | None = None
        if settings.credentials is not None:
            self._credentials = Credentials(settings.credentials, reactor, legacy)
            self._threads = Threads(reactor)
            sides = Sides(settings.port, settings.forward_user)
            self.guard = Guard(self._credentials, sides, reactor, self._threads, self._threads.count)

    def __repr__(self) -> str:
        return f"<Entrance {self.guard or 'open'}>"

    @property
    def legacy(self) -> bytes:
        """What lets an entrance after this one honour the sessions of those who came in here: a secret."""
        return self._legacy if self.guard is None else self._credentials.session_secret

    def start(self) -> None:
        """Begin to look at files, and to verify."""
        if self.guard is not None:
            self._credentials.start()
            self._threads.start()

    def fits(self, settings: Settings) -> bool:
        """Tell whether other settings ask for the same guard; all else changes without another entrance."""
        return self._asked_for == _guarded(settings)

    def retire(self) -> None:
        """Leave those who come to another entrance; who waits here for a verification is still let in or refused."""
        if self.guard is not None:
            self._credentials.stop()
            self._leaving = self._reactor.callLater(WAITING, self.stop)

    def stop(self) -> None:
        """End that."""
        if self._leaving is not None and self._leaving.active():
            self._leaving.cancel()
        if self.guard is not None:
            self._credentials.stop()
            self._threads.stop()

    def in_front_of(self, policed: StreamingResource, settings: Settings) -> StreamingResource:
        """Give the outermost resource of a chain.

        :param policed: its innermost that is not ours.
        """
        origins = _origins(settings)
        root = policed
        if settings.upstream_authorization:
            root = UpstreamLogin(settings.upstream_authorization, root)
        if self.guard is not None:
            root = HTTPAuth(self.guard, root, public=settings.public_url.encode(), origins=origins)
        if settings.preflight == "pass":
            root = PassedPreflights(policed, root)
        elif origins:
            root = AnsweredPreflights(origins, root)
        doors = _doors(settings)
        return Doorkeeper(doors, root) if doors else root

    def tell(self, site: Site, settings: Settings) -> None:
        """Tell the site what concerns its connections."""
        site.origins = _origins(settings)
        site.doors = _doors(settings)
        site.guarded = self.guard is not None


def _guarded(settings: Settings) -> tuple[object, ...]:
    """Give what the guard is made of."""
    return settings.credentials, settings.forward_user


def _origins(settings: Settings) -> frozenset[bytes]:
    return frozenset(origin.encode() for origin in settings.cors_origins)


def _doors(settings: Settings) -> Doors:
    return Doors(allow=Networks(settings.allow), deny=Networks(settings.deny))
