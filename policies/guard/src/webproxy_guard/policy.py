"""The policy: a request in, a refusal out, or nothing.

Rule of this file: what is allowed passes; of the rest, paths that services read in several ways are refused, and then
those that are closed in any of the ways that remain.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from webproxy.policy import Policy, Setting, Verdict, reject
from webproxy_guard.applications import APPLICATIONS, Lists, applications
from webproxy_guard.reading import read
from webproxy_guard.rules import rules, table

if TYPE_CHECKING:
    from webproxy.policy import PatternTable, RequestHead
    from webproxy_guard.reading import Read
    from webproxy_guard.rules import Rule

NOTHING = Lists()

LONG = 256
"""Characters of a path beyond which a judgement is not worth remembering."""

REMEMBERED = 2048
"""How many judgements are."""


class Guard(Policy):
    """Closes what exposing a service exposes by accident.

    :param app: the applications whose lists are used.
    :param deny: the operator's own list.
    :param allow: what passes all the same; read strictly, in its case and spelled plainly but for encoded slashes.
    """

    name = "guard"
    fail_closed = True
    by_head = True
    settings = (
        Setting("app", applications, None, f"What is served: {', '.join(APPLICATIONS)}, several of them, or none."),
        Setting("deny", rules, "", "More endpoints to close, as in /admin/** or POST /props."),
        Setting("allow", rules, "", "Endpoints that stay open although they are listed."),
    )

    def __init__(self, *, app: Lists = NOTHING, deny: tuple[Rule, ...] = (), allow: tuple[Rule, ...] = ()) -> None:
        self._denied = table((*deny, *app.closed), strict=False)
        self._allowed = table(allow, strict=True)
        self._slashes = table(app.slashes, strict=False)
        # A service has few paths: 0.2 us instead of 5 to 20. No query is remembered, so no token that it may hold.
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._judged)
        self._verdicts: dict[str, Verdict] = {}

    def request_received(self, request: RequestHead) -> Verdict | None:
        """Judge a request by its method and path."""
        method, raw = request.method, request.raw_path
        return self._remembered(method, raw) if len(raw) <= LONG else self._judged(method, raw)

    def _judged(self, method: str, raw: bytes) -> Verdict | None:
        path = read(raw)
        if path.plain and _stands_in(self._allowed, method, path):
            return None
        if wrong := path.refusal(slashes=_stands_in(self._slashes, method, path)):
            return self._made(400, f"A path with {wrong} is not passed on: services read it in several ways.")
        for reading in path.readings():
            if (rule := self._denied.find(method, reading)) is not None:
                return self._made(403, f"The guard closes {rule} here ({rule.owner}).")
        return None

    def _made(self, status: int, sentence: str) -> Verdict:
        """Give the verdict, made once: there are as many as rules and oddities."""
        return self._verdicts.setdefault(sentence, reject(status, sentence))


def _stands_in(rules: PatternTable[Rule], method: str, path: Read) -> bool:
    """Tell whether there is a rule for a path, however its encoded slashes are read."""
    return all(rules.find(method, text) is not None for text in (path.split, path.whole))
