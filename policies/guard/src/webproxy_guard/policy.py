"""The policy: a request in, a refusal out, or nothing.

Rule of this file: paths that cannot be read in one way are refused first; then what is allowed passes, and what is
listed does not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from webproxy.policy import Policy, Setting, Verdict, read_path, reject
from webproxy_guard.applications import APPLICATIONS, applications
from webproxy_guard.reading import readings, refusal
from webproxy_guard.rules import rules, table

if TYPE_CHECKING:
    from webproxy.policy import RequestHead
    from webproxy_guard.rules import Rule

LONG = 256
"""Characters of a path beyond which a judgement is not worth remembering."""

REMEMBERED = 2048
"""How many judgements are."""


class Guard(Policy):
    """Closes what exposing a service exposes by accident.

    :param app: the applications whose lists are used.
    :param deny: the operator's own list.
    :param allow: what passes all the same; read strictly, in its case and spelled plainly.
    """

    name = "guard"
    fail_closed = True
    by_head = True
    settings = (
        Setting("app", applications, None, f"What is served: {', '.join(APPLICATIONS)}, several of them, or none."),
        Setting("deny", rules, "", "More endpoints to close, as in /admin/** or POST /props."),
        Setting("allow", rules, "", "Endpoints that stay open although they are listed."),
    )

    def __init__(
        self, *, app: tuple[Rule, ...] = (), deny: tuple[Rule, ...] = (), allow: tuple[Rule, ...] = ()
    ) -> None:
        self._denied = table((*deny, *app), strict=False)
        self._allowed = table(allow, strict=True)
        # A service has few paths: 0.2 us instead of 5 to 20. No query is remembered, so no token that it may hold.
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._judged)
        self._verdicts: dict[str, Verdict] = {}

    def request_received(self, request: RequestHead) -> Verdict | None:
        """Judge a request by its method and path."""
        method, raw = request.method, request.raw_path
        return self._remembered(method, raw) if len(raw) <= LONG else self._judged(method, raw)

    def _judged(self, method: str, raw: bytes) -> Verdict | None:
        path, oddities = read_path(raw)
        if wrong := refusal(oddities):
            return self._made(
                400, f"guard: a path with {wrong} is not passed on, for services differ on what it means."
            )
        if not oddities and self._allowed.find(method, path) is not None:
            return None
        for reading in readings(path, oddities):
            if (rule := self._denied.find(method, reading)) is not None:
                return self._made(403, f"guard: {rule} is closed here ({rule.owner}).")
        return None

    def _made(self, status: int, sentence: str) -> Verdict:
        """Give the verdict, made once: there are as many as rules and oddities."""
        return self._verdicts.setdefault(sentence, reject(status, sentence))
