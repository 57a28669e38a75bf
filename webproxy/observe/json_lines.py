"""One exchange as one JSON object (RFC 8259), all of it ASCII, on one line.

Rule of this file: a record -> an object with the same members every time, null for "nothing". Bytes of a client are
read as UTF-8, or, when they are none, as ISO-8859-1 (RFC 9110 §5.5). Times are RFC 3339 in UTC, sizes bytes, durations
microseconds.
"""

from __future__ import annotations

import json
import time
from functools import lru_cache
from typing import TYPE_CHECKING

from webproxy.observe.mask import PLAIN, masked
from webproxy.observe.memo import Memo

if TYPE_CHECKING:
    from webproxy.message.record import ExchangeRecord

STEP = 0.001
"""Seconds for which a stamp holds."""

_PROTOCOLS = ('"HTTP/1.0"', '"HTTP/1.1"')
_HEADLESS = ',"method":null,"target":null,"protocol":null,"referer":null,"user_agent":null'
_encoded = json.JSONEncoder().encode


def stamp(now: float) -> str:
    """Write a time, to the millisecond.

    :param now: seconds since the epoch.
    """
    second, millisecond = divmod(int(now * 1000), 1000)
    return f"{_second(second)}.{millisecond:03d}Z"


def lost(lines: int, at: str) -> str:
    """Say that lines are missing: an object with the members ``time`` and ``lost_lines``."""
    return f'{{"time":"{at}","lost_lines":{lines}}}'


def line(record: ExchangeRecord, at: str) -> str:
    """Write an exchange, without a line end: 1.55 us.

    :param at: :func:`stamp` of its end.
    """
    head, started, identity = record.head, record.started, record.id
    if head is None:
        request = _HEADLESS
    else:
        method, target, _authority, minor, fields, _body, _persistent, _expects, _websocket = head
        named = fields.combined
        request = (
            f',"method":{_texts[method]},"target":{_url(target)},"protocol":{_PROTOCOLS[minor]}'
            f',"referer":{_url(named.get(b"referer"))},"user_agent":{_texts[named.get(b"user-agent")]}'
        )
    first_byte, asked, answered = record.first_byte, record.asked, record.answered
    ttfb = "null" if first_byte is None else int((first_byte - started) * 1e6)
    upstream = "null" if asked is None or answered is None else int((answered - asked) * 1e6)
    return (
        f'{{"time":"{at}","id":{_text(identity)},"client":{_words[record.client]},"user":{_words[record.user]}{request}'
        f',"status":{record.status},"received":{record.received},"sent":{record.sent},"ttfb_us":{ttfb}'
        f',"duration_us":{int((record.ended - started) * 1e6)},"upstream_us":{upstream}'
        f"{_ends[record.traffic_class, record.why, record.closed_by, record.note]}}}"
    )


@lru_cache(maxsize=1)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _word(value: str | None) -> str:
    return _encoded(value or None)


def _text(value: bytes | None) -> str:
    return "null" if value is None else _encoded(_decoded(value))


def _url(value: bytes | None) -> str:
    """Write a target or a Referer, masked."""
    if value is None:
        return "null"
    return f'"{value.decode()}"' if value.translate(PLAIN).isalpha() else _encoded(masked(_decoded(value)))


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _end(words: tuple[str, str, str, str]) -> str:
    """Write what an object ends with: the class and why, who closed and why."""
    traffic_class, why, closed_by, note = words
    return (
        f',"class":{_word(traffic_class)},"why":{_word(why)},"closed_by":{_word(closed_by)}'
        f',"note":{_word(masked(note))}'
    )


_words: Memo[str | None] = Memo(_word)
_texts: Memo[bytes | None] = Memo(_text)
_ends: Memo[tuple[str, str, str, str]] = Memo(_end)
