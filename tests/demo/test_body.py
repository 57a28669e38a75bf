"""The tests of ``webproxy/demo/body.py``."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from webproxy.demo.body import KEPT, Body
from webproxy.demo.tally import Tally

if TYPE_CHECKING:
    from tests.demo.service import Client, Service


def test_measures_and_hashes_what_comes() -> None:
    now = [10.0]
    body = Body(lambda: now[0], Tally())
    for time, piece in [(10, b"one"), (10.5, b"two"), (12.5, b"three"), (13, b"four")]:
        now[0] = time
        body.write(piece)
    assert (body.length, body.pieces, body.took, body.longest_gap) == (15, 4, 3.0, 2.0)
    assert body.sha256 == hashlib.sha256(b"onetwothreefour").hexdigest()
    assert body.tell() == 15


def test_is_read_like_a_file_from_its_beginning() -> None:
    body = Body(lambda: 0.0, Tally())
    body.write(b"0123456789")
    assert body.is_whole
    assert (body.read(4), body.read(), body.read()) == (b"0123", b"456789", b"")
    body.seek(2)
    assert body.read(3) == b"234"


def test_keeps_no_more_than_its_beginning() -> None:
    body = Body(lambda: 0.0, Tally())
    body.write(b"a" * (KEPT - 1))
    body.write(b"bc")
    body.write(b"d" * 100)
    assert not body.is_whole
    assert body.length == KEPT + 101
    assert body.read() == b"a" * (KEPT - 1) + b"b"


def test_a_request_without_a_body_is_not_counted(service: Service, client: Client) -> None:
    client.asks("GET", "/stats")
    assert service.tallies.bodies == Tally()


def test_a_complete_body_is_counted_once(service: Service, client: Client) -> None:
    client.asks("POST", "/upload", b"some")
    assert client.sees().status == 200
    client.leaves()
    assert service.tallies.bodies == Tally(finished=1)


def test_a_client_who_leaves_within_the_body_is_counted(service: Service, client: Client) -> None:
    client.says(b"POST /upload HTTP/1.1\r\nHost: demo\r\nContent-Length: 100\r\n\r\nso far")
    assert service.tallies.bodies == Tally(running=1)
    client.leaves()
    assert service.tallies.bodies == Tally(left=1)


def test_a_form_is_a_body_like_any_other(client: Client) -> None:
    client.asks("POST", "/upload", b"a=1&b=2", content_type="application/x-www-form-urlencoded")
    assert client.sees().json["bytes"] == 7
