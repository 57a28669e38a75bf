"""Whose word is taken for where a request came from. Two trusts, never mixed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from webproxy.net.address import Networks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webproxy.settings.model import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Peers that are more than clients.

    :ivar http: HTTP proxies, whose forwarding fields are kept and extended.
    :ivar layer_4: peers that pass connections on, and must say for whom in a PROXY header; that address is the peer for
        everything after it, ``http`` included.
    """

    http: Networks = field(default_factory=Networks)
    layer_4: Networks = field(default_factory=Networks)

    @classmethod
    def of(cls, settings: Settings, routers: Iterable[str] = ()) -> Trust:
        """Give whom the operator trusts.

        :param routers: addresses that the router connects from: layer-4 peers, as long as a lease says so.
        """
        return cls(http=Networks(settings.trust), layer_4=Networks((*settings.proxy_protocol, *routers)))
