"""What policies see of a head: text, decoded where it is asked for, and nothing that could be changed."""

from __future__ import annotations

import pytest

from webproxy.message.parser import parse_request
from webproxy.policy import RequestHead, ResponseHead
from webproxy.policy.path import DOT_SEGMENTS
from webproxy.testing import request, response


def test_a_request() -> None:
    head = request(
        "POST",
        "/a%20b/../c?token=x&y=%2F",
        {"Host": "box:8080"},
        body=5,
        client="2001:db8::1",
        user="alice",
        exchange_id="e7",
    )
    assert (head.method, head.target, head.host) == ("POST", "/a%20b/../c?token=x&y=%2F", "box:8080")
    assert (head.path, head.raw_path, head.query) == ("/c", b"/a%20b/../c", "token=x&y=%2F")
    assert (head.client, head.user, head.id) == ("2001:db8::1", "alice", "e7")
    assert (head.body_length, head.chunked, head.websocket) == (5, False, False)
    assert (head.path_is_plain, head.path_oddities) == (False, frozenset({DOT_SEGMENTS}))


@pytest.mark.parametrize(
    ("client", "user", "principal"),
    [
        ("203.0.113.7", None, "203.0.113.7"),
        ("2001:db8::7", None, "2001:db8::/64"),
        ("203.0.113.7", "alice", "user alice"),
        ("203.0.113.7", "203.0.113.8", "user 203.0.113.8"),
        ("", None, ""),
    ],
)
def test_limits_count_users_and_else_addresses(client: str, user: str | None, principal: str) -> None:
    head = request(client=client, user=user)
    assert head.principal == principal
    assert user or head.neighbourhood == principal
    assert head.neighbourhood in {client, "2001:db8::/64"}


def test_a_plain_request() -> None:
    head = request("GET", "/a%20b")
    assert (head.path, head.query, head.user) == ("/a b", "", None)
    assert (head.body_length, head.path_is_plain, head.path_oddities) == (0, True, frozenset())
    assert head.received.method == b"GET"


def test_a_head_may_come_without_anything() -> None:
    head = RequestHead(parse_request(b"OPTIONS * HTTP/1.0\r\n\r\n"))
    assert (head.path, head.host, head.client, head.id) == ("*", "", "", "-")


def test_a_body_of_unknown_length() -> None:
    assert (request(body=None).body_length, request(body=None).chunked) == (None, True)
    assert (response().body_length, response().chunked, response().until_close) == (None, False, True)
    chunked = response(200, {"Transfer-Encoding": "chunked"})
    assert (chunked.body_length, chunked.chunked, chunked.until_close) == (None, True, False)


def test_a_handshake() -> None:
    assert request("GET", "/ws", {"Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket"}).websocket


def test_fields_are_found_in_any_case() -> None:
    head = request("GET", "/", [("X-One", "a"), ("x-one", "b"), ("X-Two", "caf\xe9")])
    assert (head.field("X-ONE"), head.field("x-two"), head.field("x-three")) == ("a, b", "caf\xe9", None)
    assert (head.field_values("X-one"), head.field_values("X-Three")) == (["a", "b"], [])
    assert head.all_fields()[1:] == [("X-One", "a"), ("x-one", "b"), ("X-Two", "caf\xe9")]
    assert head.field("\u20ac") is None


def test_a_response() -> None:
    head = response(206, [("Set-Cookie", "a=b, c"), ("Set-Cookie", "d=e")], body=7)
    assert (head.status, head.body_length, head.until_close) == (206, 7, False)
    assert head.field_values("set-cookie") == ["a=b, c", "d=e"]
    assert head.received.status == 206


def test_an_answer_without_body() -> None:
    assert response(200, {"Content-Length": "5"}, method="HEAD").body_length == 0


def test_the_endpoint_is_looked_up() -> None:
    chat = request("POST", "/v1//chat/completions?x")
    assert chat.endpoint is not None
    assert chat.endpoint.generation
    assert request("GET", "/v1/models").endpoint is None


@pytest.mark.parametrize("head", [request(), response()])
@pytest.mark.parametrize("name", ["path", "status", "client", "user", "own"])
def test_heads_cannot_be_changed(head: RequestHead | ResponseHead, name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(head, name, "x")


def test_what_is_shown_has_no_secrets() -> None:
    head = request("GET", "/a?token=secret", {"Authorization": "Basic secret"})
    assert repr(head) == "<RequestHead GET /a from 203.0.113.7 id=exchange-1>"
    assert repr(request(client="")) == "<RequestHead GET / from - id=exchange-1>"
    assert repr(response(404)) == "<ResponseHead 404>"
