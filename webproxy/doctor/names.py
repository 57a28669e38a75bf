"""Host and Origin: under which names the service lets itself be called.

Rule of this file: questions asked as a browser behind us would ask, and what the answers mean for ``--upstream-host``.
A service counts as refusing when it answers 400, 403 or 421 where it answered otherwise before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webproxy.doctor.asking import ask
from webproxy.doctor.finding import good, note, problem
from webproxy.net.destination import Tcp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webproxy.doctor.application import Application
    from webproxy.doctor.finding import Finding
    from webproxy.net.destination import Destination

REFUSALS = frozenset((400, 403, 421))
STRANGE = "webproxy-doctor.example"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
"""A WebSocket's opening handshake (RFC 6455 §1.2)."""


class Names(NamedTuple):
    """What the service makes of names.

    :ivar local: it answers to its own.
    :ivar strange: it answers to a public one.
    :ivar strange_origin: and to that name's own pages.
    :ivar local_origin: it answers its own pages under its own name.
    """

    local: bool
    strange: bool
    strange_origin: bool
    local_origin: bool


def try_names(place: Destination, path: str = "/", *, upgrade: bool = False) -> Names:
    """Call the service by its own name and by a strange one, as a page of each would.

    :param upgrade: ask for a WebSocket, as Jupyter and Streamlit look at Origin there alone.
    """
    own = f"localhost:{place.port}" if isinstance(place, Tcp) else "localhost"
    more = UPGRADE if upgrade else {}

    def answers(host: str, origin: str = "") -> bool:
        fields = {"Host": host, **({"Origin": origin} if origin else {}), **more}
        status = ask(place, path, fields, patience=3.0).status
        return bool(status) and status not in REFUSALS

    return Names(answers(own), answers(STRANGE), answers(STRANGE, f"https://{STRANGE}"), answers(own, f"http://{own}"))


def judge(names: Names, rule: str, application: Application | None) -> Iterator[Finding]:
    """Tell what names mean under a rule.

    :param rule: of ``--upstream-host``: ``auto``, ``preserve``, ``rewrite`` or a name.
    """
    who = application.name if application else "the service"
    keeps = rule == "preserve" or (rule == "auto" and names.strange)
    if not names.strange and names.local and rule == "preserve":
        yield problem(
            "host",
            f"{who} answers only to its own name, and refuses the public one",
            "--upstream-host auto (or rewrite): it then gets its own name",
        )
        return
    if names.strange:
        yield good("host", f"{who} answers to any name")
    elif names.local:
        yield note("host", f"{who} answers only to its own name, which webproxy gives it", "nothing is left to do")
    else:
        yield note("host", f"{who} refuses visitors under any name tried", "look at what it wants: its log tells")
    refused = (keeps and names.strange and not names.strange_origin) or (
        not keeps and names.local and not names.local_origin
    )
    if not refused:
        yield good("origin", f"{who} takes requests of its own pages")
        return
    if keeps and names.local_origin:
        mend = "--upstream-host rewrite: name and Origin are then its own"
    else:
        mend = "allow the public origin in its settings"
    if application is not None and application.origins:
        mend += f"; or start {application.name} with {application.origins.replace('NAME', 'your public name')}"
    yield problem("origin", f"{who} refuses requests of its own pages once they come under the public name", mend)
