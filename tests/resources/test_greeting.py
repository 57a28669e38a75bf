"""The session cookie: who gets it, what it opens, and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.guarded import KEY, USERS, Guarded, asking, basic, fields
from tests.handshake import LINES, SWITCH
from tests.scripted import Scripted, status
from webproxy.policy import Changes, Verdict, reject
from webproxy.policy.chain import Chain
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.resources.http_auth import HTTPAuth
from webproxy.resources.policed import Policed

if TYPE_CHECKING:
    from tests.wire import Side

PAGE = b"Accept: text/html,*/*;q=0.8"
RIGHT = basic("ada", "right")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def greeted(wire: Guarded, *lines: bytes) -> bytes:
    """Log in as a browser does; the cookie that comes back."""
    answer = answered(wire, wire.asks(PAGE, *(lines or (RIGHT,))))
    (cookie,) = fields(answer, b"Set-Cookie")
    return cookie


def answered(wire: Guarded, client: Side) -> bytes:
    wire.trials.happen()
    upstream = wire.upstream()
    upstream.sees()
    upstream.says(OK)
    upstream.leaves()
    return client.sees()


def value(cookie: bytes) -> bytes:
    return b"Cookie: " + cookie.partition(b";")[0]


def test_a_browser_that_logs_in_gets_a_session() -> None:
    wire = Guarded()
    cookie = greeted(wire)
    assert cookie.startswith(b"webproxy-session-12345=u")
    assert cookie.endswith(b"; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax")
    for lines in ((), (b"Authorization: Bearer own",), (basic("jupyter", "own"),)):
        seen = wire.lets_in(wire.asks(value(cookie), *lines))
        assert fields(seen, b"Cookie") == []
        assert not lines or lines[0] in seen
    assert wire.trials.count == 1


@pytest.mark.parametrize("given", [{"public": b"https://gpu.example"}, {"trusted": ("203.0.113.7",)}])
def test_where_the_outside_is_https_no_other_host_of_the_domain_can_set_it(given: dict[str, Any]) -> None:
    wire = Guarded(**given)
    proto = b"X-Forwarded-Proto: https"
    cookie = greeted(wire, RIGHT, proto)
    assert cookie.startswith(b"__Host-webproxy-session-12345=")
    assert cookie.endswith(b"; Secure")
    wire.lets_in(wire.asks(value(cookie), proto))


@pytest.mark.parametrize(
    "lines",
    [
        (RIGHT,),
        (RIGHT, b"Accept: */*"),
        (RIGHT, PAGE, b"Sec-Fetch-Mode: cors"),
        (b"Authorization: Bearer " + KEY, PAGE),
        (b"X-API-Key: " + KEY, PAGE),
    ],
)
def test_who_is_no_browser_that_opens_a_page_gets_none(lines: tuple[bytes, ...]) -> None:
    wire = Guarded()
    assert fields(answered(wire, wire.asks(*lines)), b"Set-Cookie") == []


def test_who_has_one_gets_no_other() -> None:
    wire = Guarded()
    cookie = greeted(wire)
    assert fields(answered(wire, wire.asks(PAGE, RIGHT, value(cookie))), b"Set-Cookie") == []
    assert fields(answered(wire, wire.asks(PAGE, RIGHT, b"Cookie: webproxy-session-12345=old")), b"Set-Cookie")


def test_a_key_as_password_is_a_login_too_and_its_session_ends_with_the_key() -> None:
    wire = Guarded(forward_user=True)
    cookie = greeted(wire, basic("x", KEY.decode()))
    assert cookie.startswith(b"webproxy-session-12345=k")
    assert fields(wire.lets_in(wire.asks(value(cookie))), b"X-Forwarded-User") == [b"ci"]
    (ci, _) = wire.ledger.keys.values()
    del wire.ledger.keys[ci.digest]
    wire.guard.recognised.end(lambda subject: subject.name == ci.digest)
    assert status(wire.asks(value(cookie)).sees()) == 401


def test_a_changed_password_ends_it() -> None:
    wire = Guarded()
    cookie = greeted(wire)
    wire.lets_in(wire.asks(value(cookie)))
    wire.ledger.changes(b"ada", USERS[b"eve"])
    assert status(wire.asks(value(cookie)).sees()) == 401


def test_it_expires() -> None:
    wire = Guarded()
    now = wire.guard._wall()
    cookie = greeted(wire)
    wire.passes(3)
    wire.guard._wall = lambda: now + 86390
    wire.lets_in(wire.asks(value(cookie)))
    wire.passes(12)
    wire.guard._wall = lambda: now + 86402
    assert status(wire.asks(value(cookie)).sees()) == 401


def test_sessions_of_another_port_and_another_start_open_nothing() -> None:
    cookie = greeted(Guarded())
    wire = Guarded()
    wire.ledger.session_secret = b"another one, after another start"
    assert status(wire.asks(value(cookie)).sees()) == 401
    wire = Guarded()
    wire.guard._cookies = (b"webproxy-session-12346", b"__Host-webproxy-session-12346")
    assert status(wire.asks(value(cookie)).sees()) == 401
    assert status(wire.asks(value(cookie).replace(b"12345", b"12346")).sees()) == 401


def test_a_user_who_is_gone_meanwhile_gets_none() -> None:
    wire = Guarded()
    client = wire.asks(RIGHT)
    wire.trials.happen()
    wire.lets_in(client)
    del wire.ledger.users[b"ada"]
    client.says(asking(RIGHT, PAGE))
    assert b"Set-Cookie" not in client.sees()


def test_a_service_without_policies_may_answer_by_a_websocket() -> None:
    wire = Guarded()
    client = wire.asks(PAGE, RIGHT, *UPGRADE)
    wire.trials.happen()
    assert client.protocol.request.judgement.frames is False
    wire.upstream().says(SWITCH)
    answer = client.sees()
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert len(fields(answer, b"Set-Cookie")) == 1


def test_an_answer_that_a_policy_rejects_brings_none() -> None:
    wire = Guarded()
    chain = Chain([TimeoutPolicy(), Scripted(response=reject(502, "Not this."))])
    wire.site.root = HTTPAuth(wire.guard, Policed(chain, wire.forward))
    answer = answered(wire, wire.asks(PAGE, RIGHT))
    assert (status(answer), fields(answer, b"Set-Cookie")) == (502, [])


def test_the_session_of_a_neighbour_reaches_no_open_service() -> None:
    wire = Guarded()
    wire.site.guarded, wire.site.root = False, wire.forward
    seen = wire.lets_in(wire.asks(b"Cookie: own=1; webproxy-session-9=x", b"X-API-Key: own"))
    assert (fields(seen, b"Cookie"), fields(seen, b"X-API-Key")) == ([b"own=1"], [b"own"])


def test_policies_judge_the_answer_all_the_same() -> None:
    heard: list[object] = []
    wire = Guarded()
    changes = Verdict(client=Changes([("X-Policy", "was here")], ["Server"]))
    chain = Chain([TimeoutPolicy(), Scripted(response=changes, heard=heard)])
    wire.site.root = HTTPAuth(wire.guard, Policed(chain, wire.forward))
    client = wire.asks(PAGE, RIGHT)
    wire.trials.happen()
    assert repr(client.protocol.request.judgement).startswith("<Greeting beside <Judgement of ")
    assert client.protocol.request.judgement.frames is False
    answer = answered(wire, client)
    assert (fields(answer, b"X-Policy"), len(fields(answer, b"Set-Cookie"))) == ([b"was here"], 1)
    assert heard == [("/", 200, "")]


# Pages of other sites


OWN = b"Origin: http://h:12345"
FOREIGN = b"Origin: https://evil.example"
POST = b"POST / HTTP/1.1"
UPGRADE = tuple(LINES.split(b"\r\n")[:-1])


@pytest.mark.parametrize(
    ("lines", "start", "allowed"),
    [
        ((FOREIGN,), POST, False),
        ((b"Origin: null",), POST, False),
        ((b"Sec-Fetch-Site: cross-site", OWN), POST, False),
        ((b"Sec-Fetch-Site: same-site",), POST, False),
        ((FOREIGN,), b"DELETE / HTTP/1.1", False),
        ((FOREIGN, *UPGRADE), b"GET / HTTP/1.1", False),
        ((b"Sec-Fetch-Site: cross-site", *UPGRADE), b"GET / HTTP/1.1", False),
        ((OWN,), POST, True),
        ((OWN, *UPGRADE), b"GET / HTTP/1.1", True),
        ((b"Sec-Fetch-Site: same-origin",), POST, True),
        ((b"Origin: https://friend.example",), POST, True),
        ((), POST, True),
        ((FOREIGN,), b"GET / HTTP/1.1", True),
    ],
)
def test_a_page_of_another_site_cannot_use_what_a_browser_attaches(
    lines: tuple[bytes, ...], start: bytes, allowed: bool
) -> None:
    wire = Guarded(origins=frozenset((b"https://friend.example",)))
    cookie = greeted(wire)
    for credential in (RIGHT, value(cookie)):
        client = wire.asks(credential, *lines, start=start)
        assert (client.sees() == b"") is allowed
        assert bool(wire.attempts) is allowed
        if allowed:
            wire.upstream()
            continue
        assert (wire.records[-1].status, wire.records[-1].user) == (403, "ada")
        assert wire.records[-1].note == "a page of another site used the login"
    for credential in (b"X-API-Key: " + KEY, b"Authorization: Bearer " + KEY):
        assert wire.asks(credential, *lines, start=start).sees() == b""
