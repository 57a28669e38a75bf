"""Ways around a guard, known from elsewhere: each is refused over a real socket, and upstream is not even connected."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import bcrypt
import pytest
import pytest_twisted

from tests.guarded import asking, basic
from tests.integration.live import Peer, live
from webproxy.access.keys import PREFIX, Key, digest_of, format_keys, key_of
from webproxy.settings.credentials import CredentialSources

if TYPE_CHECKING:
    from pathlib import Path

KEY = key_of(1 << 200)
GOOD = b64encode(b"anna:right")
LOGIN = b"Authorization: Basic " + GOOD
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def b64(text: bytes) -> bytes:
    return b"Authorization: Basic " + b64encode(text)


HEADS: dict[str, tuple[bytes, ...]] = {
    "nothing": (),
    "empty": (b"Authorization:",),
    "scheme alone": (b"Authorization: Basic",),
    "user's case": (b64(b"Anna:right"),),
    "password's case": (b64(b"anna:Right"),),
    "space after the user": (b64(b"anna :right"),),
    "space before the password": (b64(b"anna: right"),),
    "space after the password": (b64(b"anna:right "),),
    "line end after the password": (b64(b"anna:right\n"),),
    "NUL after the password": (b64(b"anna:right\x00"),),
    "NUL after the user": (b64(b"anna\x00:right"),),
    "NUL and more": (b64(b"anna:right\x00x"),),
    "no colon": (b64(b"annaright"),),
    "empty password": (b64(b"anna:"),),
    "empty user": (b64(b":right"),),
    "the hash as password": (b64(b"anna:$2b$04$"),),
    "full width letters": (b64("\uff41nna:right".encode()),),
    "UTF-16": (b64("anna:right".encode("utf-16")),),
    "longer than bcrypt looks": (b64(b"long:" + b"x" * 73),),
    "twice": (LOGIN, LOGIN),
    "wrong, then right": (basic("anna", "wrong"), LOGIN),
    "right, then wrong": (LOGIN, basic("anna", "wrong")),
    "joined by a comma": (LOGIN + b", Basic " + GOOD,),
    "other scheme, then right": (b"Authorization: Bearer x, Basic " + GOOD,),
    "tab for space": (b"Authorization: Basic\t" + GOOD,),
    "no space": (b"Authorization: Basic" + GOOD,),
    "colon for space": (b"Authorization: Basic:" + GOOD,),
    "space before the colon": (b"Authorization : Basic " + GOOD,),
    "folded": (b"Authorization: Basic\r\n " + GOOD,),
    "underscore": (b"Proxy_Authorization: Basic " + GOOD,),
    "for a proxy": (b"Proxy-Authorization: Basic " + GOOD,),
    "spare bits": (b"Authorization: Basic " + GOOD[:-3] + bytes((GOOD[-3] + 1,)) + b"==",),
    "base64 without its padding": (b64(b"anna:righ").rstrip(b"=") + b"dA",),
    "base64 with a blank": (b"Authorization: Basic " + GOOD[:4] + b" " + GOOD[4:],),
    "base64 for URLs": (b"Authorization: Basic " + GOOD + b"-_",),
    "hidden in another field": (b"X: y\rAuthorization: Basic " + GOOD,),
    "token of nobody": (b"Authorization: Bearer null",),
    "prefix alone": (b"Authorization: Bearer " + PREFIX,),
    "a key's digest": (b"Authorization: Bearer " + PREFIX + digest_of(KEY).hex().encode(),),
    "a key's name": (b"X-API-Key: ci",),
    "key's case": (b"X-API-Key: " + KEY.upper(),),
    "key and more": (b"X-API-Key: " + KEY + b"x",),
    "two keys in one field": (b"X-API-Key: " + KEY + b", " + KEY,),
    "two fields of keys": (b"X-API-Key: x", b"X-API-Key: " + KEY),
    "key in a cookie": (b"Cookie: api_key=" + KEY,),
    "key as a user": (b64(KEY + b":"),),
    "key in another scheme": (b"Authorization: Token " + KEY,),
    "session of nobody": (b"Cookie: webproxy-session-1=",),
    "session that is not signed": (b"Cookie: webproxy-session-1=uYW5uYQ.9999999999." + b"0" * 64,),
    "who says to be somebody": (b"X-Forwarded-User: anna", b"Remote-User: anna", b"X-Remote-User: anna"),
    "who says to be local": (b"X-Forwarded-For: 127.0.0.1", b"X-Real-IP: 127.0.0.1", b"Forwarded: for=127.0.0.1"),
    "who says to ask for something else": (b"X-Original-URL: /public", b"X-Rewrite-URL: /public"),
    "a method that another field names": (b"X-HTTP-Method-Override: OPTIONS",),
    "a preflight": (b"Origin: https://a.example", b"Access-Control-Request-Method: GET"),
    "a WebSocket": (b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"),
    "h2c": (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"),
    "Connection names the login": (b"Connection: Authorization",),
}

STARTS = [
    *(method + b" / HTTP/1.1" for method in (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS")),
    *(b"TRACE / HTTP/1.1", b"CONNECT h:12345 HTTP/1.1", b"get / HTTP/1.1", b"FOO / HTTP/1.1", b"PROPFIND / HTTP/1.1"),
    *(b"OPTIONS * HTTP/1.1", b"GET * HTTP/1.1", b"GET / HTTP/1.0", b"GET /", b"GET / HTTP/0.9", b"GET / HTTP/2.0"),
    *(b"GET http://anna:right@h:12345/ HTTP/1.1", b"GET http://h:12345/ HTTP/1.1", b"GET //h/ HTTP/1.1"),
    *(b"GET /%2e%2e/ HTTP/1.1", b"GET /../ HTTP/1.1", b"GET /./a HTTP/1.1", b"GET /a;x=y HTTP/1.1", b"GET \\ HTTP/1.1"),
    *(b"GET /%00 HTTP/1.1", b"GET /public/..%2f HTTP/1.1", b"GET /favicon.ico HTTP/1.1", b"GET /robots.txt HTTP/1.1"),
    *(b"GET /?token=" + KEY + b" HTTP/1.1", b"GET /?access_token=" + KEY + b" HTTP/1.1"),
    *(
        b"GET /.well-known/acme-challenge/x HTTP/1.1",
        b"GET /health HTTP/1.1",
        b"GET  / HTTP/1.1",
        b"\r\nGET / HTTP/1.1",
    ),
]


def sources(folder: Path) -> CredentialSources:
    """Two users, one of them with a password as long as bcrypt takes, and a key."""
    users = [(b"anna", b"right"), (b"long", b"x" * 72)]
    hashes = [user + b":" + bcrypt.hashpw(password, bcrypt.gensalt(4)) for user, password in users]
    (folder / "users").write_bytes(b"\n".join(hashes) + b"\n")
    (folder / "keys").write_bytes(format_keys([Key("ci", digest_of(KEY))]))
    return CredentialSources(htpasswd=str(folder / "users"), keys=str(folder / "keys"))


async def answer(client: Peer) -> bytes:
    """The first answer's status, or nothing when the connection ends without one."""
    await client.until(lambda: b"\r\n\r\n" in client.received or client.ended is not None)
    return client.received[9:12]


@pytest_twisted.ensureDeferred
async def test_no_trick_gets_by(reactor: Any, tmp_path: Path) -> None:
    blocks = {name: asking(*lines) for name, lines in HEADS.items()}
    blocks |= {repr(start): asking(start=start) for start in STARTS}
    blocks |= {f"{start!r}, wrong": asking(basic("anna", "wrong"), start=start) for start in STARTS}
    async with live(reactor, credentials=sources(tmp_path)) as proxy:
        guard = proxy.service._entrance.guard
        assert guard is not None
        guard.throttle.failed = lambda *_: None  # type: ignore[method-assign]  # or the address would be locked soon
        for name, block in blocks.items():
            client = await proxy.client()
            client.says(block)
            status = await answer(client)
            assert status[:1] in {b"4", b"5", b""}, (name, client.received)
            assert status != b"500", name
            assert not proxy.internal.peers, name
            client.link.abortConnection()


@pytest.mark.parametrize("login", [LOGIN, b"X-API-Key: " + KEY, b"Authorization: Bearer " + KEY])
@pytest_twisted.ensureDeferred
async def test_of_pipelined_requests_each_shows_its_own_login(reactor: Any, tmp_path: Path, login: bytes) -> None:
    async with live(reactor, credentials=sources(tmp_path)) as proxy:
        client = await proxy.client()
        client.says(asking(login) + asking() + asking(login) + asking(login, login) + asking(login))
        upstream = await proxy.internal.peer()
        statuses = []
        for expected in (b"200", b"401", b"200", b"4"):
            if expected == b"200":
                await upstream.hears(b"\r\n\r\n")
                upstream.says(OK)
            head = await client.hears(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            while len(client.received) < length:
                await proxy.passes(0.002)
            client.received = client.received[length:]
            statuses.append(head[9:12])
        assert statuses[:3] == [b"200", b"401", b"200"]
        assert statuses[3] in {b"400", b"401"}
        assert upstream.total < 2 * 400


@pytest_twisted.ensureDeferred
async def test_a_body_is_no_request(reactor: Any, tmp_path: Path) -> None:
    hidden = asking(LOGIN)
    async with live(reactor, credentials=sources(tmp_path)) as proxy:
        for framing in (b"Content-Length: %d" % len(hidden), b"Transfer-Encoding: chunked"):
            body = hidden if b"Length" in framing else b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden)
            client = await proxy.client()
            client.says(asking(framing, start=b"POST / HTTP/1.1") + body)
            assert await answer(client) == b"401"
            await proxy.passes(0.05)
            assert client.received.count(b"HTTP/1.1 ") == 1
            assert not proxy.internal.peers
            client.link.abortConnection()
