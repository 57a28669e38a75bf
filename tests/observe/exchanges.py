"""Exchanges to write into a log: one that a person can read, and any that a client could bring about."""

from __future__ import annotations

from hypothesis import strategies as st

from webproxy.message.fields import Fields, Pair
from webproxy.message.head import RequestHead
from webproxy.message.record import ExchangeRecord

AT = 1763846773.25
"""A time of day: 22 November 2025, 21:26:13 and a quarter, UTC."""


def head(*pairs: Pair, method: bytes = b"POST", target: bytes = b"/api/chat", minor: int = 1) -> RequestHead:
    """A request's head with these fields."""
    fields = Fields([(b"Host", b"gpu.example"), *pairs])
    return RequestHead(method, target, b"gpu.example", minor, fields, 0, True, False, False)


def exchange(request: RequestHead | None) -> ExchangeRecord:
    """An exchange as it should be: answered after 80 ms, over after two seconds."""
    record = ExchangeRecord(b"5f00c2ab00000007", "203.0.113.7", request, 100.0)
    record.status = 200
    record.received = 213
    record.sent = 5120
    record.asked = 100.0 + 1 / 1024
    record.first_byte = 100.0 + 5 / 64
    record.answered = 102.0 + 1 / 1024
    record.ended = 102.5
    return record


_texts = st.one_of(
    st.sampled_from(["", "-", "***", 'x" 200 0 "', "a\nb", "\u2028", "\udc80"]), st.text(st.characters())
)
_values = st.one_of(
    st.sampled_from(
        [b"", b"-", b'" 200 "', b"\r\n127.0.0.1 - -", b"\\", b"\\x22", b"/?token=x", "/ä".encode(), b"\xff"]
    ),
    st.binary(),
)
_moments = st.one_of(st.none(), st.floats(0, 1e6))


@st.composite
def heads(draw: st.DrawFn) -> RequestHead:
    """Heads with anything in them, also what our parser would refuse."""
    fields = [(name, draw(_values)) for name in (b"Referer", b"User-Agent") if draw(st.booleans())]
    return head(*fields, method=draw(_values), target=draw(_values), minor=draw(st.integers(0, 1)))


@st.composite
def exchanges(draw: st.DrawFn) -> ExchangeRecord:
    """Exchanges with anything in them."""
    record = ExchangeRecord(draw(_values), draw(_texts), draw(st.one_of(st.none(), heads())), draw(st.floats(0, 1e6)))
    record.user = draw(st.one_of(st.none(), _texts))
    record.status = draw(st.one_of(st.just(0), st.integers(100, 599)))
    record.received = draw(st.integers(0, 1 << 50))
    record.sent = draw(st.integers(0, 1 << 50))
    record.asked, record.first_byte, record.answered = draw(_moments), draw(_moments), draw(_moments)
    record.ended = draw(st.floats(0, 1e6))
    record.traffic_class, record.why = draw(_texts), draw(_texts)
    record.closed_by, record.note = draw(_texts), draw(_texts)
    return record
