"""How much the log says: ``--log-level debug|info|warn|error``.

Rule of this file: events below a level do not reach whoever writes them down. The access log is another one, and says
all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.logger import FilteringLogObserver, ILogFilterPredicate, LogLevel, PredicateResult, globalLogPublisher
from zope.interface import implementer

if TYPE_CHECKING:
    from twisted.logger import ILogObserver, LogEvent, LogPublisher


@implementer(ILogFilterPredicate)
class Threshold:
    """Lets events through from a level on. States: apart, in place.

    :param level: by its name.
    """

    def __init__(self, level: str = "info") -> None:
        self._sifting: list[tuple[FilteringLogObserver, ILogObserver]] = []
        self.choose(level)

    def __repr__(self) -> str:
        return f"<Threshold {self._level.name}>"

    def choose(self, level: str) -> None:
        """Let another level hold from now on."""
        self._level = LogLevel.levelWithName(level)

    def __call__(self, event: LogEvent) -> Any:
        """Decide about an event, as FilteringLogObserver asks."""
        level = event.get("log_level")
        return PredicateResult.no if level is not None and level < self._level else PredicateResult.maybe

    def put_in_place(self, publisher: LogPublisher = globalLogPublisher) -> None:
        """Stand between the log and all who write it down."""
        for observer in list(publisher._observers):  # noqa: SLF001 - twistd has put them there, and tells nobody
            sifting = FilteringLogObserver(observer, [self])
            publisher.removeObserver(observer)
            publisher.addObserver(sifting)
            self._sifting.append((sifting, observer))

    def take_away(self, publisher: LogPublisher = globalLogPublisher) -> None:
        """Leave those who write it down alone again."""
        for sifting, observer in self._sifting:
            publisher.removeObserver(sifting)
            publisher.addObserver(observer)
        self._sifting.clear()
