"""Which addresses may come at all: ``--allow`` and ``--deny``, before anything else is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field

from webproxy.errors import ClientProtocolError
from webproxy.net.address import Networks


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Networks of clients.

    :ivar allow: those that may come; none named: all.
    :ivar deny: those that may not, although they are allowed otherwise.
    """

    allow: Networks = field(default_factory=Networks)
    deny: Networks = field(default_factory=Networks)

    def __bool__(self) -> bool:
        """Tell whether anybody is kept out."""
        return bool(self.allow) or bool(self.deny)

    def __contains__(self, client: str) -> bool:
        """Tell whether ``client``, an address, may come."""
        return client not in self.deny and (not self.allow or client in self.allow)


def refusal() -> ClientProtocolError:
    """What a client hears that may not come."""
    return ClientProtocolError(403, "clients of your address may not come in here")
