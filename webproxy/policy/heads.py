"""What policies see of a message: its head, as text, decoded only where somebody asks.

Rule of this file: views on the heads of ``webproxy.message``. They cost nothing until they are read (one is made per
exchange, on the hot path), they cannot be changed, and there is no way from them to the body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.address import neighbourhood
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.policy.endpoints import find_endpoint
from webproxy.policy.path import read_path

if TYPE_CHECKING:
    from webproxy.message.head import RequestHead as ReceivedRequest
    from webproxy.message.head import ResponseHead as ReceivedResponse
    from webproxy.policy.endpoints import Endpoint


class _Head:
    """Fields and body length, which requests and responses have alike."""

    __slots__ = ("_head",)

    _head: ReceivedRequest | ReceivedResponse

    def field(self, name: str) -> str | None:
        """Give the value of a field, ``None`` when it is absent.

        :param name: in any case.
        :returns: without whitespace around it; the values of a repeated field are joined with ``", "`` (RFC 9110
            §5.3). Each byte is one character (ISO 8859-1).
        """
        value = self._head.fields.combined.get(name.lower().encode("latin-1", "replace"))
        return None if value is None else value.decode("latin-1")

    def field_values(self, name: str) -> list[str]:
        """Give the values of a field, one per line received, in order; ``Set-Cookie`` can be read only so.

        :param name: in any case.
        """
        lines = self._head.fields.get_all(name.lower().encode("latin-1", "replace"))
        return [value.decode("latin-1") for value in lines]

    def all_fields(self) -> list[tuple[str, str]]:
        """Give every field as (name, value), in the order and case received."""
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._head.fields]

    @property
    def body_length(self) -> int | None:
        """How many bytes the body has: 0 without one, ``None`` when only its end will tell."""
        length = self._head.body
        return None if length < 0 else length

    @property
    def chunked(self) -> bool:
        """Whether the body is chunked (RFC 9112 §7.1)."""
        return self._head.body == CHUNKED


class RequestHead(_Head):
    """The head of a request, frozen; made once per exchange and given to every hook.

    Policies get these; tests make them with :func:`webproxy.testing.request`.
    """

    __slots__ = ("_client", "_id", "_user")

    _head: ReceivedRequest

    def __init__(
        self, head: ReceivedRequest, client: str = "", user: str | None = None, exchange_id: bytes = b"-"
    ) -> None:
        """Look at a head.

        :param head: of :mod:`webproxy.message.head`.
        :param client: address of the client.
        :param user: who was recognised; ``None`` when nobody was asked to say.
        :param exchange_id: as in the log.
        """
        self._head = head
        self._client = client
        self._user = user
        self._id = exchange_id

    def __repr__(self) -> str:
        return f"<RequestHead {self.method} {self.path} from {self._client or '-'} id={self.id}>"

    @property
    def received(self) -> ReceivedRequest:
        """The head as bytes, for policies that count tenths of microseconds. Not covered by ``API_VERSION``."""
        return self._head

    @property
    def id(self) -> str:
        """The exchange's id, as in the log and in X-Request-Id. A client may choose its own, and two the same."""
        return self._id.decode("latin-1")

    @property
    def client(self) -> str:
        """Address of the client, ``203.0.113.7`` or ``2001:db8::1``; empty when it has none (a Unix socket)."""
        return self._client

    @property
    def user(self) -> str | None:
        """Who was recognised, ``None`` when the service is open to everybody."""
        return self._user

    @property
    def principal(self) -> str:
        """Whom limits count: who was recognised, ``user alice``; else :attr:`neighbourhood`."""
        return neighbourhood(self._client) if self._user is None else f"user {self._user}"

    @property
    def neighbourhood(self) -> str:
        """What counts as one address: all of ``203.0.113.7``, of ``2001:db8::1`` its ``2001:db8::/64``."""
        return neighbourhood(self._client)

    @property
    def method(self) -> str:
        """The method, case-sensitive (RFC 9110 §9.1)."""
        return self._head.method.decode("latin-1")

    @property
    def target(self) -> str:
        """The request target as it goes on to the internal service: raw, with its query, never ``http://...``."""
        return self._head.target.decode("latin-1")

    @property
    def host(self) -> str:
        """``host[:port]`` that the request is for; empty only for HTTP/1.0 without Host."""
        return self._head.authority.decode("latin-1")

    @property
    def raw_path(self) -> bytes:
        """The target up to its ``?``: not decoded, not resolved. What may be remembered by; a query may hold tokens."""
        return self._head.target.partition(b"?")[0]

    @property
    def path(self) -> str:
        """What policies match: percent-decoded once, then ``//`` and dot segments resolved.

        ``%2F`` is decoded too and separates segments. Invalid escapes stay as they are, what is not UTF-8 becomes
        U+FFFD, a final slash stays, ``..`` never goes above the root. ``*`` (OPTIONS) is ``*``. Other servers read
        some paths differently: :attr:`path_oddities` says when.
        """
        return read_path(self.raw_path).text

    @property
    def path_oddities(self) -> frozenset[str]:
        """In which ways a server might read this path differently: ``ENCODED_SLASH`` and its like."""
        return read_path(self.raw_path).oddities

    @property
    def path_is_plain(self) -> bool:
        """Whether every server reads the path as :attr:`path` has it; escapes such as ``%20`` are plain."""
        return not read_path(self.raw_path).oddities

    @property
    def query(self) -> str:
        """The query, raw and without its ``?``; empty when there is none."""
        return self._head.target.partition(b"?")[2].decode("latin-1")

    @property
    def websocket(self) -> bool:
        """Whether it asks to become a WebSocket (RFC 6455 §4.2.1)."""
        return self._head.websocket

    @property
    def endpoint(self) -> Endpoint | None:
        """What the endpoint table knows about method and path, ``None`` when it does not list them."""
        return find_endpoint(self.method, self.path)


class ResponseHead(_Head):
    """The head of the internal service's answer, frozen.

    Policies get these; tests make them with :func:`webproxy.testing.response`.
    """

    __slots__ = ()

    _head: ReceivedResponse

    def __init__(self, head: ReceivedResponse) -> None:
        """Look at a head of :mod:`webproxy.message.head`."""
        self._head = head

    def __repr__(self) -> str:
        return f"<ResponseHead {self.status}>"

    @property
    def received(self) -> ReceivedResponse:
        """The head as bytes; as :attr:`RequestHead.received`."""
        return self._head

    @property
    def status(self) -> int:
        """101, or 200 to 599: interim answers (RFC 9110 §15.2) are not shown."""
        return self._head.status

    @property
    def until_close(self) -> bool:
        """Whether the body ends with the connection (RFC 9112 §6.3, rule 8)."""
        return self._head.body == UNTIL_CLOSE
