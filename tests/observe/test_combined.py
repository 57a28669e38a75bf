"""Combined lines: what Apache's tools read from them is what happened, whatever a client sent."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from tests.observe.exchanges import AT, exchange, exchanges, head
from webproxy.message.record import ExchangeRecord
from webproxy.observe.combined import line, lost, stamp
from webproxy.observe.mask import masked

STAMP = "22/Nov/2025:21:26:13 +0000"

# how tools read the format: words, [time], and quotations in which a backslash escapes what follows
QUOTATION = r'"((?:[^"\\]|\\.)*)"'
APACHE = re.compile(
    rf"(\S+) - (\S+) \[([^]]+)\] {QUOTATION} (\d\d\d) (\d+) {QUOTATION} {QUOTATION}"
    r" id=(\S+) in=(\d+) ttfb_us=(-|-?\d+) duration_us=(-?\d+) upstream_us=(-|-?\d+)"
    rf" class=(\S+) why=(\S+) closed_by=(\S+) note={QUOTATION}"
)


def read(text: str) -> list[str]:
    found = APACHE.fullmatch(text)
    assert found is not None, f"not a combined line: {text!r}"
    return list(found.groups())


def unescaped(text: str) -> bytes:
    """What an escaped text stands for."""
    return re.sub(
        rb"\\(?:x([0-9a-f]{2})|(.))", lambda m: bytes([int(m[1], 16)]) if m[1] else m[2], text.encode("ascii")
    )


def test_an_exchange() -> None:
    request = head((b"User-Agent", b"ollama/0.5 (amd64 linux)"), (b"Referer", b"https://gpu.example/"))
    assert line(exchange(request), stamp(AT)) == (
        f'203.0.113.7 - - [{STAMP}] "POST /api/chat HTTP/1.1" 200 5120'
        ' "https://gpu.example/" "ollama/0.5 (amd64 linux)" id=5f00c2ab00000007 in=213'
        ' ttfb_us=78125 duration_us=2500000 upstream_us=2000000 class=DEFAULT why=- closed_by=- note="-"'
    )


def test_all_that_may_be_known() -> None:
    record = exchange(head(target=b"/f?token=s3cret", method=b"GET", minor=0))
    record.user = "anna maria"
    record.status = 499
    record.received = 0
    record.traffic_class, record.why = "DEFAULT>DOWNLOAD", "content-disposition"
    record.closed_by, record.note = "client", 'left before "it" came'
    words = read(line(record, stamp(AT)))
    assert words[1] == r"anna\x20maria"
    assert words[3:5] == ["GET /f?token=*** HTTP/1.0", "499"]
    assert words[9] == "0"
    assert words[-4:] == ["DEFAULT>DOWNLOAD", "content-disposition", "client", r"left before \"it\" came"]


def test_nothing_but_a_connection() -> None:
    """No head could be parsed, nothing was asked, nothing was answered."""
    record = ExchangeRecord(b"01", "2001:db8::1", None, 100.0)
    assert line(record, stamp(AT)) == (
        f'2001:db8::1 - - [{STAMP}] "-" 000 0 "-" "-" id=01 in=0'
        ' ttfb_us=- duration_us=0 upstream_us=- class=DEFAULT why=- closed_by=- note="-"'
    )


def test_an_answer_that_never_ended_has_no_upstream_time() -> None:
    record = exchange(head())
    record.answered = None
    assert read(line(record, stamp(AT)))[12] == "-"


def test_an_id_of_the_clients() -> None:
    record = exchange(head())
    record.id = b"a.b_c-1"
    assert read(line(record, stamp(AT)))[8] == "a.b_c-1"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b'/"', r"/\""),
        (b"/a b", "/a b"),
        (b"/\\x22", r"/\\x22"),
        (b"/\r\n", r"/\x0d\x0a"),
        ("/ü".encode(), r"/\xc3\xbc"),
        (b"/\xff", r"/\xff"),
        (b"/?token=\xff\n&a=\n", r"/?token=***&a=\x0a"),
        (b"https://a:b@c/?key=x", "https://***@c/?key=***"),
    ],
)
def test_targets_and_referers_are_masked_and_escaped(sent: bytes, shown: str) -> None:
    words = read(line(exchange(head((b"Referer", sent), target=sent)), stamp(AT)))
    assert words[3] == f"POST {shown} HTTP/1.1"
    assert words[6] == shown


def test_what_was_refused_betrays_nothing_either() -> None:
    record = exchange(head())
    record.note = "no service for /x?token=s3cret"
    assert "s3cret" not in line(record, stamp(AT))


def test_credentials_never_appear() -> None:
    names = (b"Authorization", b"Proxy-Authorization", b"Cookie", b"X-Api-Key", b"X-Webproxy-Key", b"Set-Cookie")
    request = head(*((name, b"s3cret") for name in names), target=b"/?webproxy_token=s3cret")
    assert "s3cret" not in line(exchange(request), stamp(AT))


def test_a_user_called_nothing_is_not_nobody() -> None:
    record = exchange(head())
    record.user = "-"
    assert read(line(record, stamp(AT)))[1] == r"\x2d"


@given(exchanges())
def test_no_client_can_forge_a_line(record: ExchangeRecord) -> None:
    text = line(record, stamp(AT))
    assert text.isascii()
    assert text.isprintable()
    words = read(text)
    request, referer, agent = b"-", b"-", b"-"
    if record.head is not None:
        method, target, minor, fields = record.head.method, record.head.target, record.head.minor, record.head.fields
        request = method + b" " + shown(target) + b" HTTP/1.%d" % minor
        referer = shown(fields.combined.get(b"referer", b"-"))
        agent = fields.combined.get(b"user-agent", b"-")
    assert [unescaped(words[index]) for index in (3, 6, 7)] == [request, referer, agent]
    assert [unescaped(words[index]) for index in (0, 1)] == [raw(record.client), raw(record.user)]
    assert unescaped(words[8]) == (record.id or b"-")
    assert words[2] == STAMP
    assert [int(words[index]) for index in (4, 5, 9)] == [record.status, record.sent, record.received]
    assert [unescaped(word) for word in words[13:16]] == [
        raw(record.traffic_class),
        raw(record.why),
        raw(record.closed_by),
    ]
    assert unescaped(words[16]) == raw(masked(record.note))


def shown(url: bytes) -> bytes:
    return masked(url.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def raw(text: str | None) -> bytes:
    return (text or "-").encode("utf-8", "surrogatepass")


def test_lost_lines_are_told_in_no_line_of_the_format() -> None:
    text = lost(12, stamp(AT))
    assert text == f"# {STAMP}: 12 lines of the access log were lost here"
    assert APACHE.match(text) is None


@pytest.mark.parametrize(
    ("now", "text"),
    [(0.0, "01/Jan/1970:00:00:00 +0000"), (AT, STAMP), (951827696.999, "29/Feb/2000:12:34:56 +0000")],
)
def test_stamps(now: float, text: str) -> None:
    assert stamp(now) == text
