"""The tests of ``webproxy/demo/page.py``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import webproxy.demo.page
from webproxy.demo.page import page_files

if TYPE_CHECKING:
    from tests.demo.service import Client

PAGE = Path(webproxy.demo.page.__file__).with_name("page")
FILES = sorted(file.name for file in PAGE.iterdir())


def test_the_page_is_at_the_root(client: Client) -> None:
    client.asks("GET", "/")
    answer = client.sees()
    assert answer.fields["content-type"] == "text/html; charset=utf-8"
    assert answer.body == (PAGE / "index.html").read_bytes()


@pytest.mark.parametrize("name", [name for name in FILES if name != "index.html"])
def test_every_other_file_is_beside_it(client: Client, name: str) -> None:
    client.asks("GET", f"/{name}")
    answer = client.sees()
    assert answer.status == 200
    assert answer.body == (PAGE / name).read_bytes()
    assert answer.fields["content-type"].startswith(("text/css", "text/javascript"))


def test_there_is_no_file_that_is_not_served() -> None:
    assert sorted(page_files()) == FILES


def test_the_browser_is_asked_to_ask_again_and_then_gets_no_body(client: Client) -> None:
    client.asks("GET", "/demo.css")
    first = client.sees()
    assert first.fields["cache-control"] == "no-cache"
    client.asks("GET", "/demo.css", if_none_match=first.fields["etag"])
    second = client.sees()
    assert (second.status, second.body) == (304, b"")
    assert second.fields["content-length"] == first.fields["content-length"]


def test_the_policy_allows_nothing_from_elsewhere(client: Client) -> None:
    client.asks("GET", "/")
    policy = client.sees().fields["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", FILES)
def test_every_address_in_the_page_is_relative(name: str) -> None:
    text = (PAGE / name).read_text()
    found = re.findall(r"""(?:src|href|from|import)\s*=?\s*["']([^"']+)""", text)
    assert [address for address in found if not re.match(r"(\./|[a-z0-9]+|data:|#)", address)] == []
    assert [address for address in re.findall(r"https?://[^\s'\"]+", text) if "www.w3.org" not in address] == []
