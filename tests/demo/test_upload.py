"""The tests of ``webproxy/demo/upload.py``."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.demo.service import Client, Service


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_says_what_arrived(client: Client, method: str) -> None:
    client.asks(method, "/upload", b"some bytes")
    told = client.sees().json
    assert (told["bytes"], told["pieces"]) == (10, 1)
    assert told["sha256"] == hashlib.sha256(b"some bytes").hexdigest()


def test_says_how_evenly_it_arrived(service: Service, client: Client) -> None:
    client.says(b"POST /upload HTTP/1.1\r\nHost: demo\r\nTransfer-Encoding: chunked\r\n\r\n")
    for pause in (0, 1, 2):
        service.advance(pause)
        client.says(b"4\r\nsome\r\n")
    client.says(b"0\r\n\r\n")
    told = client.sees().json
    assert (told["bytes"], told["pieces"], told["seconds"], told["longest_gap"]) == (12, 3, 3.0, 2.0)


def test_an_empty_body_is_one_too(client: Client) -> None:
    client.asks("PUT", "/upload", content_length="0")
    told = client.sees().json
    assert (told["bytes"], told["seconds"]) == (0, 0)
    assert told["sha256"] == hashlib.sha256().hexdigest()
