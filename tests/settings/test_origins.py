"""Origins are read as browsers write them."""

from __future__ import annotations

import pytest

from webproxy.settings.origins import cors_origins
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://chat.example.com", ("https://chat.example.com",)),
        ("HTTPS://Chat.Example.com:443", ("https://chat.example.com",)),
        ("http://localhost:5173, http://[::1]:80", ("http://localhost:5173", "http://[::1]")),
        ("chrome-extension://abcdef,tauri://localhost", ("chrome-extension://abcdef", "tauri://localhost")),
        ("*", ("*",)),
    ],
)
def test_reads(text: str, origins: tuple[str, ...]) -> None:
    assert cors_origins(text) == origins


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("chat.example.com", "'chat.example.com' is not an origin; write https://chat.example.com"),
        ("https://a/", "'https://a/' is more than an origin; write https://a"),
        ("https://a,https://b/c?d", "'https://b/c?d' is more than an origin; write https://b"),
        ("null", "'null' is not an origin; give scheme and host, as in https://chat.example.com, or * for every page"),
        ("", "'' is not an origin; give scheme and host, as in https://chat.example.com, or * for every page"),
        ("https://u:p@a", "'https://u:p@a' is not an origin; give scheme and host, as in https://chat.example.com,"),
        ("https://*.a b", "'https://*.a b' is not an origin; give scheme and host,"),
    ],
)
def test_refuses(text: str, sentence: str) -> None:
    with pytest.raises(TextError) as raised:
        cors_origins(text)
    assert f"{raised.value.what}; {raised.value.right}".startswith(sentence)
