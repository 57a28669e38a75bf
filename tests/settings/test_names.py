"""The service's two names."""

from __future__ import annotations

import pytest

from webproxy.settings.names import public_url, upstream_host
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("auto", "auto"),
        ("preserve", "preserve"),
        ("rewrite", "rewrite"),
        ("localhost:8080", "localhost:8080"),
        ("GPU.example", "gpu.example"),
        ("my_service", "my_service"),
        ("192.0.2.7:80", "192.0.2.7"),
        ("[::1]:8080", "[::1]:8080"),
        ("service", "service"),
    ],
)
def test_a_rule_or_a_name_to_send(text: str, read: str) -> None:
    assert upstream_host(text) == read


@pytest.mark.parametrize(
    ("text", "what", "right"),
    [
        ("perserve", "'perserve' is not known", "did you mean preserve? it is auto, preserve, rewrite, or the name"),
        ("Auto", "'Auto' is not known", "did you mean auto?"),
        ("http://localhost:8080/", "'http://localhost:8080/' is a URL", "give its host and port alone: localhost:8080"),
        ("localhost:", "'localhost:' is not a name", "or the name to send, as in localhost:8080"),
        ("two words", "'two words' is not a name", "or the name to send, as in localhost:8080"),
        ("a/b", "'a/b' is not a name", "or the name to send, as in localhost:8080"),
        ("münchen.example", "'münchen.example' is not a name", "or the name to send, as in localhost:8080"),
        ("", "'' is not a name", "or the name to send, as in localhost:8080"),
    ],
)
def test_what_is_no_name(text: str, what: str, right: str) -> None:
    with pytest.raises(TextError) as caught:
        upstream_host(text)
    assert caught.value.what == what
    assert right in caught.value.right


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("auto", ""),
        ("https://gpu.example.com", "https://gpu.example.com"),
        ("https://gpu.example.com/", "https://gpu.example.com"),
        ("HTTPS://GPU.Example.com:443", "https://gpu.example.com"),
        ("http://192.0.2.7:12345", "http://192.0.2.7:12345"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]"),
    ],
)
def test_an_origin(text: str, read: str) -> None:
    assert public_url(text) == read


@pytest.mark.parametrize(
    ("text", "what", "right"),
    [
        ("gpu.example.com", "'gpu.example.com' is not a URL", "write https://gpu.example.com, or auto"),
        ("the public one", "'the public one' is not a URL", "write https://gpu.example.com, or auto"),
        ("wss://gpu.example", "wss:// is not the scheme of a web page", "write https://gpu.example"),
        ("ws://gpu.example/ws", "ws:// is not the scheme of a web page", "write http://gpu.example"),
        ("ftp://gpu.example", "ftp:// is not the scheme of a web page", "write https://gpu.example"),
        ("https://u:p@gpu.example", "a public URL has no user and no password in it", "write https://gpu.example"),
        ("https:///x", "'https:///x' names no host", "write it as in https://gpu.example.com"),
        ("https://gpu.example:", "'https://gpu.example:' names no host", "write it as in https://gpu.example.com"),
        ("https://a.example/ui/", "'https://a.example/ui/' is more than an origin", "write https://a.example;"),
        ("https://a.example?x=1", "'https://a.example?x=1' is more than an origin", "write https://a.example;"),
    ],
)
def test_what_is_no_origin(text: str, what: str, right: str) -> None:
    with pytest.raises(TextError) as caught:
        public_url(text)
    assert caught.value.what == what
    assert right in caught.value.right
    assert "p@" not in what
