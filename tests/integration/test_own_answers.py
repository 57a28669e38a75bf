"""Every answer that we give ourselves, over real sockets: in the shape its reader expects, with all it owes him."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.integration.scribe import desk, only_answer
from tests.integration.ways import BROWSER, OLLAMA, OPENAI, OTHER, SHAPES, WAYS, Shaped, Way
from webproxy.version import version

if TYPE_CHECKING:
    from tests.independent import Message
    from tests.integration.live import Peer

LEAKS = ("traceback", "zerodivision", "/usr/", "site-packages", ".py", "twisted", "httptools", "llhttp", "uvloop")
RETRY = {403: b"7", 404: b"7", 421: b"7", 429: b"7", 503: b"2"}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.status} {way.rule}")
@pytest_twisted.ensureDeferred
async def test_an_answer_of_our_own(reactor: Any, way: Way) -> None:
    async with desk(reactor, **way.given) as at_desk:
        way.prepare(at_desk)
        asked = [(shaped, method) for shaped in SHAPES for method in way.methods]
        clients = [await at_desk.asks(way.said(shaped, method)) for shaped, method in asked]
        lengths: dict[Shaped, bytes] = {}
        for (shaped, method), client in zip(asked, clients, strict=True):
            answer = await answer_to(method, client)
            assert_says_what_it_owes(answer, way, shaped, method)
            assert said(answer, b"content-length") == lengths.setdefault(shaped, said(answer, b"content-length"))
            if way.closes:
                await client.gone()
        if not way.closes:
            await assert_all_stay(clients, [way.said(*each) for each in asked], [method for _, method in asked])


async def answer_to(method: bytes, client: Peer) -> Message:
    """The answer that a client gets."""
    await client.until(lambda: whole(client.received, method))
    answer = only_answer(client.received, method)
    assert_leaks_nothing(client.received)
    return answer


def whole(data: bytes, method: bytes) -> bool:
    """Whether an answer is all there."""
    head, end, body = data.partition(b"\r\n\r\n")
    return bool(end) and (method == b"HEAD" or b"\r\nContent-Length: %d\r\n" % len(body) in head)


def said(answer: Message, name: bytes) -> bytes:
    """The value of a field."""
    return dict(answer.fields).get(name, b"")


def assert_says_what_it_owes(answer: Message, way: Way, shaped: Shaped, method: bytes) -> None:
    assert answer.start == (b"%d" % way.status,)
    assert said(answer, b"content-type") == shaped.kind
    assert said(answer, b"cache-control") == b"no-store"
    assert said(answer, b"date")
    assert said(answer, b"connection") == (b"close" if way.closes else b"")
    assert said(answer, b"retry-after") == RETRY.get(way.status, b"")
    assert bool(said(answer, b"allow")) == (way.status == 405)
    if method == b"HEAD":
        assert answer.body == b""
        return
    text = words_of(answer.body, shaped)
    for word in (*way.words, said(answer, b"x-request-id")):
        assert word.decode() in text


def words_of(body: bytes, shaped: Shaped) -> str:
    """What an answer says to its reader."""
    if shaped is BROWSER:
        assert body.startswith(b"<!DOCTYPE html>")
        return unescape(body.decode())
    if shaped is OLLAMA:
        (message,) = json.loads(body).values()
        return str(message)
    if shaped is OPENAI:
        error = json.loads(body)["error"]
        assert sorted(error) == ["code", "message", "param", "type"]
        return str(error["message"])
    return body.decode()


def assert_leaks_nothing(data: bytes) -> None:
    """Neither what we are made of, nor where we are, nor what went wrong inside."""
    text = data.decode().lower()
    assert not [word for word in (*LEAKS, version(), "\r\nserver:") if word in text]


async def assert_all_stay(clients: list[Peer], requests: list[bytes], methods: list[bytes]) -> None:
    """Each connection takes another request, and gets another answer."""
    before = b"".join(client.received for client in clients)
    for client, request in zip(clients, requests, strict=True):
        client.received = b""
        client.says(request)
    for client, method in zip(clients, methods, strict=True):
        assert said(await answer_to(method, client), b"x-request-id") not in before
        client.link.abortConnection()


@pytest_twisted.ensureDeferred
async def test_rfc9110_9_3_6_connect_is_refused_for_good(reactor: Any) -> None:
    """It names no path, so there is nothing to know its client by but what it accepts."""
    async with desk(reactor) as at_desk:
        for fields, kind in ((BROWSER.fields, BROWSER.kind), (OTHER.fields, OTHER.kind)):
            client = await at_desk.asks(b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n" + fields + b"\r\n")
            await client.gone()
            answer = only_answer(client.received)
            assert answer.start == (b"405",)
            assert said(answer, b"content-type") == kind
            assert b"GET" in said(answer, b"allow").split(b", ")
            assert said(answer, b"connection") == b"close"
        await at_desk.next_is_fine()


@pytest_twisted.ensureDeferred
async def test_the_request_id_finds_the_exchange_in_the_log(reactor: Any, tmp_path: Any) -> None:
    log = tmp_path / "access.log"
    ids = []
    async with desk(reactor, access_log=str(log)) as at_desk:
        for way in (WAYS[0], WAYS[-1]):
            client = await at_desk.asks(way.said(OPENAI, b"POST"))
            ids.append(said(await answer_to(b"POST", client), b"x-request-id"))
    lines = log.read_text().splitlines()
    assert [f" id={identity.decode()} " in line for identity, line in zip(ids, lines, strict=True)] == [True, True]
    assert all('"POST /v1/chat/completions HTTP/1.1"' in line for line in lines)
