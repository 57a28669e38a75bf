"""Every way to get an answer of our own: what the client says, what the internal service and the limits are like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from webproxy.policy import Policy, reject
from webproxy.policy.chain import Chain
from webproxy.resources.policed import Policed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.scribe import Desk


class Shaped(NamedTuple):
    """What makes a request one of a kind of client, and the media type that this client gets.

    :ivar fields: complete lines.
    """

    path: bytes
    fields: bytes
    kind: bytes


BROWSER = Shaped(b"/page", b"Accept: text/html,*/*;q=0.8\r\n", b"text/html; charset=utf-8")
OPENAI = Shaped(b"/v1/chat/completions", b"Accept: application/json\r\n", b"application/json")
OLLAMA = Shaped(b"/api/chat", b"Accept: application/x-ndjson\r\n", b"application/json")
OTHER = Shaped(b"/file", b"Accept: */*\r\n", b"text/plain; charset=utf-8")
SHAPES = (BROWSER, OPENAI, OLLAMA, OTHER)


class Way(NamedTuple):
    """One way.

    :ivar request: with ``%(method)b``, ``%(path)b`` and ``%(fields)b`` to be filled in.
    :ivar words: what the answer must say: the hop that failed, the limit or the timer.
    :ivar closes: whether the connection closes behind it.
    :ivar given: settings.
    :ivar prepare: what is done to the running proxy.
    """

    status: int
    rule: str
    request: bytes
    words: tuple[bytes, ...]
    closes: bool = False
    given: dict[str, Any] = {}  # noqa: RUF012 - never changed
    prepare: Callable[[Desk], None] = lambda _: None

    @property
    def methods(self) -> tuple[bytes, ...]:
        """Methods to ask with."""
        return (b"GET", b"HEAD") if b"%(method)b" in self.request else (b"GET",)

    def said(self, shaped: Shaped, method: bytes) -> bytes:
        """The request of this client."""
        return self.request % {b"method": method, b"path": shaped.path, b"fields": shaped.fields}


PLAIN = b"%(method)b %(path)b HTTP/1.1\r\nHost: h\r\n%(fields)b\r\n"


def sized(length: int) -> bytes:
    return PLAIN[:-2] + b"Content-Length: %d\r\n\r\n" % length


class Rejecting(Policy):
    """Rejects everything."""

    name = "rejecting"

    def __init__(self, status: int) -> None:
        self.status = status

    def request_received(self, request: object) -> Any:
        return reject(self.status, "the policy says no", 7)


def rejecting(status: int) -> Callable[[Desk], None]:
    def prepare(desk: Desk) -> None:
        site = desk.proxy.service.site
        site.root = Policed(Chain([Rejecting(status)]), site.root.inner)  # type: ignore[attr-defined]

    return prepare


def raising(desk: Desk) -> None:
    def render(request: object) -> int:
        raise ZeroDivisionError("a secret of /usr/lib/python3/our.py")

    desk.proxy.service.site.root.render = render  # type: ignore[method-assign]


def silent(desk: Desk) -> None:
    site = desk.proxy.service.site
    site.root, site.idle = site.root.inner, 0.3  # type: ignore[attr-defined]
    desk.scribe.answer = b""


def hanging_up(desk: Desk) -> None:
    desk.scribe.answer = b"hello, who is there?\r\n\r\n"


def deserted(desk: Desk) -> None:
    desk.proxy.deserted()


def hurried(desk: Desk) -> None:
    desk.proxy.bounded(head_time=0.3)


LONG = b"%(method)b %(path)b?" + b"x" * 16384 + b" HTTP/1.1\r\nHost: h\r\n%(fields)b\r\n"
MANY = PLAIN[:-2] + b"X: 1\r\n" * 200 + b"\r\n"
TRACE = PLAIN.replace(b"%(method)b", b"TRACE")[:-2] + b"Max-Forwards: 0\r\n\r\n"
NO_HOST = b"%(method)b %(path)b HTTP/1.1\r\n%(fields)b\r\n"

WAYS = [
    Way(400, "RFC 9110 section 15.5.1", NO_HOST, (b"webproxy: no Host",), closes=True),
    Way(403, "RFC 9110 section 15.5.4", PLAIN, (b"the policy says no",), prepare=rejecting(403)),
    Way(404, "RFC 9110 section 15.5.5", PLAIN, (b"the policy says no",), prepare=rejecting(404)),
    Way(421, "RFC 9110 section 15.5.20", PLAIN, (b"the policy says no",), prepare=rejecting(421)),
    Way(429, "RFC 6585 section 4", PLAIN, (b"the policy says no",), prepare=rejecting(429)),
    Way(405, "RFC 9110 section 15.5.6", TRACE, (b"webproxy: TRACE ends here",)),
    Way(
        408,
        "RFC 9110 section 15.5.9: the head's deadline",
        PLAIN[:-2],
        (b"webproxy: ", b"the request's head", b"0.3 s"),
        closes=True,
        prepare=hurried,
    ),
    Way(
        408,
        "RFC 9110 section 15.5.9: the idle limit",
        sized(100_000),
        (b"webproxy: ", b"the client", b"0.3 s", b"idle limit"),
        closes=True,
        prepare=silent,
    ),
    Way(413, "RFC 9110 section 15.5.14", sized(1001), (b"webproxy: ", b"1000 bytes"), True, {"max_body": 1000}),
    Way(414, "RFC 9110 section 15.5.15", LONG, (b"webproxy: ", b"16384 bytes"), closes=True),
    Way(431, "RFC 6585 section 5", MANY, (b"webproxy: ", b"200 fields"), closes=True),
    Way(500, "RFC 9110 section 15.6.1", PLAIN, (b"webproxy ",), prepare=raising),
    Way(501, "RFC 9110 section 15.6.2", PLAIN.replace(b"%(method)b", b"BREW"), (b"webproxy: a method",), closes=True),
    Way(502, "RFC 9110 section 15.6.3: not HTTP", PLAIN, (b"webproxy: ", b"the internal service"), prepare=hanging_up),
    Way(502, "RFC 9110 section 15.6.3: nobody", PLAIN, (b"webproxy: ", b"nothing listens"), prepare=deserted),
    Way(
        503,
        "RFC 9110 section 15.6.4",
        PLAIN,
        (b"The service behind this address", b"still starting"),
        given={"wait_upstream": 30.0},
        prepare=deserted,
    ),
    Way(
        504,
        "RFC 9110 section 15.6.5",
        PLAIN,
        (b"webproxy: ", b"the internal service", b"0.3 s", b"idle limit"),
        prepare=silent,
    ),
    Way(505, "RFC 9110 section 15.6.6", PLAIN.replace(b"/1.1", b"/2.0"), (b"webproxy: HTTP/1.1",), closes=True),
]
