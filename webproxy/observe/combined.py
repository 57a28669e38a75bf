r"""One exchange as a line of the Apache combined format, followed by what that format does not know.

    203.0.113.7 - - [22/Nov/2026:21:26:13 +0000] "POST /api/chat HTTP/1.1" 200 5120 "-" "ollama/0.5" id=5f00c2ab00000007
    in=213 ttfb_us=81250 duration_us=2034500 upstream_us=2034021 class=LONG why=path closed_by=- note="-"

Rule of this file: a record -> printable ASCII. Whatever a client sent is escaped as Apache does it (``\"``, ``\\``,
``\xhh``), in words the space as well, so that nobody can end a line, a quotation or a word but we. ``-`` is "nothing";
a word that is itself ``-`` is written ``\x2d``. The time is when the exchange ended (UTC), the size is all bytes handed
to the client's transport, head included; durations are microseconds, as in Apache's ``%D``.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from webproxy.observe.mask import PLAIN, masked
from webproxy.observe.memo import Memo

if TYPE_CHECKING:
    from webproxy.message.record import ExchangeRecord

STEP: Final = 1.0
"""Seconds for which a stamp holds."""

NOTHING: Final = "-"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PROTOCOLS: Final = (" HTTP/1.0", " HTTP/1.1")
_UNQUOTABLE: Final = re.compile(rb"[^ !#-\[\]-~]")
_NO_WORD: Final = re.compile(rb"[^!#-\[\]-~]")


def stamp(now: float) -> str:
    """Write a time as Apache's ``%t`` does, brackets apart; months in English whatever the locale.

    :param now: seconds since the epoch.
    """
    year, month, day, hour, minute, second, *_ = time.gmtime(now)
    return f"{day:02d}/{_MONTHS[month - 1]}/{year}:{hour:02d}:{minute:02d}:{second:02d} +0000"


def lost(lines: int, at: str) -> str:
    """Say that lines are missing; begins with ``#``, which no line of the format does."""
    return f"# {at}: {lines} lines of the access log were lost here"


def line(record: ExchangeRecord, at: str) -> str:
    """Write an exchange, without a line end.

    One format of few pieces: 1.2 us; with a piece for each of the record's words it was 1.5, with ``%`` 1.4. A query
    adds 0.8, a secret in it 3.7.

    :param at: :func:`stamp` of its end.
    """
    head, started, identity = record.head, record.started, record.id
    if head is None:
        request = referer = agent = NOTHING
    else:
        method, target, _authority, minor, fields, _body, _persistent, _expects, _websocket = head
        named = fields.combined
        request = f"{_quoted[method]} {_url(target)}{_PROTOCOLS[minor]}"
        referer = _url(named[b"referer"]) if b"referer" in named else NOTHING
        agent = _quoted[named.get(b"user-agent")]
    first_byte, asked, answered = record.first_byte, record.asked, record.answered
    # microseconds as integers: 70 ns each, decimals 130
    ttfb = NOTHING if first_byte is None else int((first_byte - started) * 1e6)
    upstream = NOTHING if asked is None or answered is None else int((answered - asked) * 1e6)
    return (
        f'{_words[record.client]} - {_words[record.user]} [{at}] "{request}" {_statuses[record.status]} {record.sent}'
        f' "{referer}" "{agent}" id={identity.decode() if identity.isalnum() else _word(identity)}'
        f" in={record.received or '0'} ttfb_us={ttfb} duration_us={int((record.ended - started) * 1e6)}"
        f" upstream_us={upstream}{_ends[record.traffic_class, record.why, record.closed_by, record.note]}"
    )


def _url(raw: bytes) -> str:
    """Write a target or a Referer, masked."""
    if raw.translate(PLAIN).isalpha():
        return raw.decode()
    text = masked(raw.decode("utf-8", "surrogateescape"))
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return _escaped(_UNQUOTABLE, text.encode("utf-8", "surrogateescape"))


def _quotation(value: bytes | str | None) -> str:
    """Write what stands between quotes."""
    return NOTHING if value is None else _escaped(_UNQUOTABLE, _raw(value))


def _word(value: bytes | str | None) -> str:
    """Write what stands between spaces."""
    if not value:
        return NOTHING
    return r"\x2d" if value in ("-", b"-") else _escaped(_NO_WORD, _raw(value))


def _raw(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _escaped(unsafe: re.Pattern[bytes], raw: bytes) -> str:
    return unsafe.sub(_escape, raw).decode("ascii")


def _escape(found: re.Match[bytes]) -> bytes:
    byte = found[0]
    return b"\\" + byte if byte in b'"\\' else b"\\x%02x" % ord(byte)


def _end(words: tuple[str, str, str, str]) -> str:
    """Write what a line ends with: the class and why, who closed and why."""
    traffic_class, why, closed_by, note = words
    return (
        f" class={_word(traffic_class)} why={_word(why)} closed_by={_word(closed_by)}"
        f' note="{_quotation(masked(note) or None)}"'
    )


_statuses: Final[Memo[int]] = Memo("{:03d}".format)
_words: Final[Memo[str | None]] = Memo(_word)
_quoted: Final[Memo[bytes | None]] = Memo(_quotation)
_ends: Final[Memo[tuple[str, str, str, str]]] = Memo(_end)
