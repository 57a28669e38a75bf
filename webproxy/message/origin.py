"""The service's two names: the one the public knows, and the one the service believes to have.

Some services refuse a Host or Origin that is not local (Ollama, Jupyter; to protect against DNS rebinding). For those
a request is told in the inner name and its answer in the public one. What is not about the service itself is left
alone: a foreign Origin stays foreign, so the service's own protection against forged requests keeps working.
Rule of this file: pure; heads in, heads out, the same object when there is nothing to change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from webproxy.message.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from webproxy.message.forwarding import Arrival
    from webproxy.message.head import RequestHead, ResponseHead

_DEFAULT_PORTS: Final = {b"http": b":80", b"https": b":443"}
_INWARD: Final = frozenset((b"origin", b"referer"))
_OUTWARD: Final = frozenset((b"location", b"content-location", b"access-control-allow-origin"))
"""Fields of an answer in which the service may name itself, in lower case."""


class Names(NamedTuple):
    """Both names, as origins (RFC 6454 §6.2): scheme, host, and port unless it is the scheme's own.

    :ivar public: ``b"https://gpu.example"``.
    :ivar inner: ``b"http://localhost:8080"``.
    """

    public: bytes
    inner: bytes


def origin(scheme: bytes, authority: bytes) -> bytes:
    """Write an origin: in lower case, without the port that its scheme implies (RFC 6454 §6.2)."""
    scheme, authority = scheme.lower(), authority.lower()
    port = _DEFAULT_PORTS.get(scheme)
    if port is not None and authority.endswith(port):
        authority = authority[: -len(port)]
    return scheme + b"://" + authority


def normalised(value: bytes) -> bytes:
    """Write the origin that a URL or an Origin field begins with as :func:`origin` does; empty if it has none."""
    scheme, separator, rest = value.partition(b"://")
    authority = rest.partition(b"/")[0].partition(b"?")[0].partition(b"#")[0]
    return origin(scheme, authority) if separator and authority else b""


def public_origin(head: RequestHead, arrival: Arrival, configured: bytes = b"") -> bytes:
    """Give the origin under which the public knows the service.

    :param configured: what the operator says it is; otherwise what a trusted proxy forwarded, otherwise the Host.
    """
    if configured:
        return configured
    scheme, authority = arrival.scheme, head.authority
    if arrival.trusted:
        said = head.fields.combined
        scheme = said.get(b"x-forwarded-proto") or scheme
        authority = said.get(b"x-forwarded-host") or authority
    return origin(scheme, authority)


def by_public_way(head: RequestHead, arrival: Arrival, configured: bytes) -> Arrival:
    """Give where a request came from, when it asks for the very address under which the public knows the service.

    Who ends TLS in front of us may have no way to say so (version 1 of the PROXY header has none); the operator has.

    :param configured: what the operator says the public origin is; empty: nothing.
    """
    scheme, separator, host = configured.partition(b"://")
    if not separator or origin(scheme, head.authority) != configured:
        return arrival
    _, _, port = host.rpartition(b"]")[2].partition(b":")
    return arrival._replace(scheme=scheme, port=int(port or _DEFAULT_PORTS[scheme][1:]))


def by_link(head: RequestHead) -> RequestHead:
    """Let in who follows a link to the front door, or comes back to it from a login page.

    ComfyUI takes whatever says ``Sec-Fetch-Site: cross-site`` for an attack (Comfy-Org/ComfyUI#16203), and nobody could
    link to it. So that field is left out of a visit: a top-level navigation to ``/`` that sends nothing. Forms, frames,
    scripts, and links to any other path, which might do something, keep it.
    """
    said = head.fields.combined
    if said.get(b"sec-fetch-site") != b"cross-site":
        return head
    visit = (head.method, said.get(b"sec-fetch-mode"), said.get(b"sec-fetch-dest"), head.target.partition(b"?")[0])
    if visit != (b"GET", b"navigate", b"document", b"/"):
        return head
    return head._replace(fields=Fields(pair for pair in head.fields.pairs if pair[0].lower() != b"sec-fetch-site"))


def inward(head: RequestHead, names: Names) -> RequestHead:
    """Tell a request in the service's own name: Origin and Referer, when (only when) they are the public one."""
    if _INWARD.isdisjoint(head.fields.combined):
        return head
    pairs = [
        (name, _moved(value, {names.public}, names.inner) if name.lower() in _INWARD else value)
        for name, value in head.fields.pairs
    ]
    return head._replace(fields=Fields(pairs))


def own_origins(host: bytes | None, authority: bytes, public: bytes) -> AbstractSet[bytes]:
    """Give the origins by which the service calls itself where the public one is meant.

    :param host: the Host that it gets in place of the public one, ``None`` when it gets that. Called by a name of its
        own, it may still put https before it: uvicorn believes X-Forwarded-Proto, and then the Host.
    :param authority: what the client called it.
    :param public: the public origin. A service that does not believe X-Forwarded-Proto puts http before a name that is
        reached by https. The other way round its https may be another server, and is left alone.
    """
    if host is not None:
        return {origin(scheme, host) for scheme in _DEFAULT_PORTS}
    return {origin(b"http", authority)} if public.startswith(b"https:") else frozenset()


def names_itself(fields: Fields) -> bool:
    """Tell whether an answer has a field in which the service may name itself."""
    said = fields.combined  # three look-ups: a quarter of what comparing sets takes, and every answer comes here
    return b"location" in said or b"content-location" in said or b"access-control-allow-origin" in said


def outward(head: ResponseHead, public: bytes, own: AbstractSet[bytes]) -> ResponseHead:
    """Tell an answer in the public name: Location and Access-Control-Allow-Origin, when they are the service's own.

    :param own: as :func:`own_origins` gives them.
    """
    if not own or not names_itself(head.fields):
        return head
    pairs = [
        (name, _moved(value, own, public) if name.lower() in _OUTWARD else value) for name, value in head.fields.pairs
    ]
    return head._replace(fields=Fields(pairs))


def _moved(value: bytes, here: AbstractSet[bytes], there: bytes) -> bytes:
    """Replace the origin that ``value`` begins with, if it is one of ``here``."""
    if normalised(value) not in here:
        return value
    _, _, rest = value.partition(b"://")
    ends = [at for mark in (b"/", b"?", b"#") if (at := rest.find(mark)) >= 0]
    return there + (rest[min(ends) :] if ends else b"")
