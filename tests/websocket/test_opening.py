"""The opening handshake, RFC 6455 §4."""

from __future__ import annotations

import pytest

from tests.handshake import ACCEPT, LINES
from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.message.fields import Fields, Pair
from webproxy.websocket.opening import WrongVersionError, acceptance, check_acceptance, read_opening

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


def pairs(*more: bytes, without: bytes = b"-") -> list[Pair]:
    kept = [line for line in LINES.split(b"\r\n")[:-1] if not line.lower().startswith(without)]
    return [(name, value) for name, _, value in (line.partition(b": ") for line in [*kept, *more])]


def test_a_sound_handshake_gives_key_and_offers() -> None:
    opening = read_opening(
        Fields(pairs(b"Sec-WebSocket-Extensions: x; a=b, permessage-deflate; client_max_window_bits"))
    )
    assert opening.key == KEY
    assert opening.offers == [("x", {"a": ["b"]}), ("permessage-deflate", {"client_max_window_bits": [True]})]


def test_rfc6455_11_3_offers_and_protocols_may_stand_on_several_lines() -> None:
    more = (b"Sec-WebSocket-Extensions: x", b"Sec-WebSocket-Protocol: a", b"sec-websocket-protocol: b")
    assert read_opening(Fields(pairs(*more, b"Sec-WebSocket-Extensions: y"))).offers == [("x", {}), ("y", {})]


@pytest.mark.parametrize("line", [b"Origin: app://obsidian.md", b"Origin: x", b"Origin: a, b", b"Cookie: \xff"])
def test_what_only_the_service_can_judge_is_not_judged(line: bytes) -> None:
    assert read_opening(Fields(pairs(line, line))).offers == []


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        (pairs(without=b"sec-websocket-key"), "Key header missing"),
        (pairs(b"Sec-WebSocket-Key: " + KEY), "length must be 24"),
        (pairs(b"Sec-WebSocket-Key: short", without=b"sec-websocket-key"), "length must be 24"),
        (pairs(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==", without=b"sec-websocket-key"), "bad character"),
        (pairs(without=b"sec-websocket-version"), "Hixie76"),
        (pairs(b"Sec-WebSocket-Version: x", without=b"sec-websocket-version"), "could not parse"),
        (pairs(b"Sec-WebSocket-Protocol: a, a"), "duplicate protocol"),
    ],
)
def test_rfc6455_4_2_1_an_unsound_handshake_is_400(fields: list[Pair], what: str) -> None:
    with pytest.raises(ClientProtocolError, match=what) as caught:
        read_opening(Fields(fields))
    assert caught.value.status == 400


@pytest.mark.parametrize("version", [b"8", b"0", b"14", b"-1"])
def test_rfc6455_4_4_another_version_is_426(version: bytes) -> None:
    with pytest.raises(WrongVersionError) as caught:
        read_opening(Fields(pairs(b"Sec-WebSocket-Version: " + version, without=b"sec-websocket-version")))
    assert caught.value.status == 426


def test_a_refusal_is_short_however_long_what_is_wrong() -> None:
    with pytest.raises(ClientProtocolError) as caught:
        read_opening(Fields(pairs(b"Sec-WebSocket-Key: " + b"x" * 9999, without=b"sec-websocket-key")))
    assert len(caught.value.detail) < 300


def test_rfc6455_1_3_the_example() -> None:
    assert b"Sec-WebSocket-Accept: %b\r\n" % acceptance(KEY) == ACCEPT


@pytest.mark.parametrize("said", [None, b"", b"s3pPLMBiTxaQ9kYGzzhZRbK+xoo=", acceptance(b"another")])
def test_rfc6455_4_1_only_who_read_the_handshake_may_accept_it(said: bytes | None) -> None:
    check_acceptance(KEY, Fields([(b"Sec-WebSocket-Accept", acceptance(KEY))]))
    with pytest.raises(UpstreamProtocolError, match="Sec-WebSocket-Accept"):
        check_acceptance(KEY, Fields([] if said is None else [(b"Sec-WebSocket-Accept", said)]))
