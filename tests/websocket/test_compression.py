"""permessage-deflate, agreed on for each leg by itself (RFC 7692 §7)."""

from __future__ import annotations

from typing import Any

import pytest

from webproxy.errors import UpstreamProtocolError
from webproxy.websocket.compression import OFFER, accept, agreed, first_usable, forget

BARE = b"permessage-deflate"


def test_the_service_is_offered_what_needs_no_memory_between_messages() -> None:
    assert OFFER.startswith(BARE)
    assert b"server_no_context_takeover" in OFFER


@pytest.mark.parametrize(
    "offers",
    [
        [],
        [("x", {})],
        [("permessage-deflate", {"server_max_window_bits": ["7"]})],
        [("permessage-deflate", {"unheard": [True]})],
        [("permessage-deflate", {"server_no_context_takeover": [True, True]})],
    ],
)
def test_rfc7692_7_1_an_unsound_offer_is_declined(offers: list[Any]) -> None:
    assert first_usable(offers) is None


def test_rfc7692_5_the_first_sound_offer_counts() -> None:
    offers: list[Any] = [("permessage-deflate", {"unheard": [True]}), ("x", {}), ("permessage-deflate", {})]
    line, _ = accept(first_usable(offers))
    assert set(line.split(b"; ")) == {BARE, b"client_no_context_takeover"}


def test_a_client_that_wants_small_windows_gets_them() -> None:
    line, deflate = accept(first_usable([("permessage-deflate", {"server_max_window_bits": ["10"]})]))
    assert b"server_max_window_bits=10" in line
    assert deflate.server_max_window_bits == 10


def test_a_service_that_agrees_to_nothing_is_spoken_to_plainly() -> None:
    assert agreed(None, offered=True) is None
    assert agreed(b"", offered=False) is None


@pytest.mark.parametrize(
    ("value", "offered"),
    [
        (BARE, False),
        (b"x", True),
        (BARE + b", " + BARE, True),
        (BARE + b"; unheard", True),
        (BARE + b"; client_max_window_bits=99", True),
    ],
)
def test_rfc6455_9_1_what_was_not_offered_cannot_be_agreed_to(value: bytes, offered: bool) -> None:
    with pytest.raises(UpstreamProtocolError):
        agreed(value, offered=offered)


@pytest.mark.parametrize("keeps", [False, True])
def test_nothing_is_kept_between_messages_but_what_the_peer_needs(keeps: bool) -> None:
    ours = agreed(BARE if keeps else BARE + b"; server_no_context_takeover", offered=True)
    _, theirs = accept(first_usable([("permessage-deflate", {})]))
    assert ours is not None
    for speaker, listener, kept in ((ours, theirs, False), (theirs, ours, keeps)):
        for _ in range(3):
            speaker.start_compress_message()
            data = speaker.compress_message_data(b"hello" * 100) + speaker.end_compress_message()
            forget(speaker, sent=True)
            assert speaker._compressor is None
            listener.start_decompress_message()
            assert listener.decompress_message_data(data) == b"hello" * 100
            listener.end_decompress_message()
            forget(listener, sent=False)
            assert (listener._decompressor is not None) is kept
