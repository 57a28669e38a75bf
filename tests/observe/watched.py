"""A proxy on a wire that is looked at, for the tests of whatever looks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

from tests.scripted import policed
from webproxy.observe.access_log import NoAccessLog
from webproxy.observe.instance import Instance
from webproxy.observe.lag import Lag
from webproxy.observe.watch import Watch
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.resources.policed import Policed

if TYPE_CHECKING:
    from tests.wire import Side, Wire
    from webproxy.policy import Policy


class Watched(NamedTuple):
    """The wire, its first client, and what is to be seen of both."""

    wire: Wire
    client: Side
    instance: Instance

    def status(self) -> dict[str, object]:
        """What the live page gets of the only exchange that runs."""
        (row,) = self.instance.running()
        return row._asdict()


def watched(*policies: Policy) -> Watched:
    """Put a proxy on a wire."""
    wire, client = policed(*(policies or (TimeoutPolicy(),)))
    watch = Watch(NoAccessLog())
    wire.site.exchange_ended = watch.exchange_ended
    root = wire.site.root
    assert isinstance(root, Policed)
    parts = SimpleNamespace(
        site=wire.site, pool=wire.pool, chain=root.chain, watch=watch, lag=Lag(wire.reactor), registration=None
    )
    return Watched(wire, client, Instance(parts))
