"""Sound heads, for tests of what becomes of them: hypothesis draws fields that matter to a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from webproxy.message.forwarding import CLAIMS
from webproxy.message.hop_by_hop import HOP_BY_HOP

if TYPE_CHECKING:
    from webproxy.message.fields import Pair

NAME = st.sampled_from(
    [b"X-A", b"x-a", b"X-B", b"Accept", b"Via", b"Date", b"Cookie", b"Trailer", *sorted(HOP_BY_HOP | CLAIMS)]
).filter(lambda name: name.lower() not in {b"transfer-encoding", b"connection"})
VALUE = st.sampled_from([b"", b"1", b"trailers", b"a, b", b"websocket", b"h2c", b"keep-alive", b'"q"', b"\xe4"])
PAIRS = st.lists(st.tuples(NAME, VALUE), max_size=8)
CONNECTION = st.sampled_from([b"keep-alive", b"close", b"Upgrade", b"X-A", b"TE, x-b", b"upgrade, accept"])
FRAMING = st.sampled_from([None, (b"Content-Length", b"7"), (b"transfer-encoding", b"chunked")])


def lines_of(pairs: list[Pair]) -> list[bytes]:
    return [name + b": " + value for name, value in pairs]


def wire(*lines: bytes) -> bytes:
    return b"\r\n".join((*lines, b"", b""))
