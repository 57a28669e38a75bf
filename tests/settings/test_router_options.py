"""Where the router is, and who we are to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.edge import certificate
from webproxy.settings.router_options import authority_file, check_token, label, router_url, token_file
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", ""),
        ("https://router.internal:8443", "https://router.internal:8443"),
        ("https://ROUTER.internal:8443/", "https://router.internal:8443"),
        ("https://router.internal:443", "https://router.internal:443"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://10.0.0.2:8443", "https://10.0.0.2:8443"),
    ],
)
def test_where_the_router_is(text: str, url: str) -> None:
    assert router_url(text) == url


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("https://router.internal", "names no port"),
        ("https://router.internal/", "names no port"),
        ("router.internal:8443", "is not a URL"),
        ("http://router.internal:8443", "is not https"),
        ("https://router.internal:8443/v1", "names no port"),
        ("https://anna@router.internal:8443", "no user"),
        ("https://router.internal:0", "names no host"),
        ("https://router.internal:99999", "names no host"),
    ],
)
def test_what_is_no_control_port(text: str, what: str) -> None:
    with pytest.raises(TextError) as caught:
        router_url(text)
    assert what in str(caught.value.what) + str(caught.value.right)


def test_a_token_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"wpr_abc\n")
    assert token_file(str(file)) == str(file)
    assert check_token(str(file)) == "wpr_abc"


@pytest.mark.parametrize("data", [b"", b"two words\n", b"one\ntwo\n", b"\xff\n", b"x" * 600])
def test_what_is_no_token(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(data)
    with pytest.raises(TextError):
        token_file(str(file))


def test_an_authority_is_a_file_of_certificates(tmp_path: Path) -> None:
    chain, key = certificate(tmp_path, "router.internal")
    assert authority_file(str(chain)) == str(chain)
    for file in (key, tmp_path / "none"):
        with pytest.raises(TextError):
            authority_file(str(file))


@pytest.mark.parametrize(("text", "read"), [("", ""), ("MyApp-1", "myapp-1"), ("7", "7")])
def test_a_label(text: str, read: str) -> None:
    assert label(text) == read


@pytest.mark.parametrize("text", ["-app", "app-", "my.app", "my app", "äpp", "a" * 41])
def test_what_is_no_label(text: str) -> None:
    with pytest.raises(TextError):
        label(text)
