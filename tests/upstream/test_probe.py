"""A question of our own: where a visitor arrives, and what he is told there."""

from __future__ import annotations

import pytest

from tests.wire import Wire
from webproxy.upstream.probe import Question, Reply

HOSTS = (b"webproxy-probe.invalid", b"localhost:8080")


def test_a_question_is_a_whole_request() -> None:
    assert Question(b"GET", b"/tree").written(b"localhost") == (
        b"GET /tree HTTP/1.1\r\nHost: localhost\r\nUser-Agent: webproxy\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )


@pytest.mark.parametrize("status", [0, 200, 204, 304, 401, 403, 404, 503])
def test_the_visitor_has_arrived(status: int) -> None:
    assert Question().after(Reply(status), HOSTS) is None


@pytest.mark.parametrize("status", [405, 501])
def test_who_does_not_answer_head_is_asked_with_get(status: int) -> None:
    assert Question().after(Reply(status), HOSTS) == (b"GET", b"/")
    assert Question(b"GET").after(Reply(status), HOSTS) is None


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (b"/tree", b"/tree"),
        (b"/lab?a=b#c", b"/lab?a=b"),
        (b"http://webproxy-probe.invalid/ui/", b"/ui/"),
        (b"https://webproxy-probe.invalid/ui/", b"/ui/"),
        (b"http://LOCALHOST:8080/ui/", b"/ui/"),
        (b"http://localhost:8080", None),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_to_the_same_service_is_followed(status: int, location: bytes, target: bytes | None) -> None:
    following = Question().after(Reply(status, location), HOSTS)
    assert following == (target and Question(b"HEAD", target))


@pytest.mark.parametrize(
    "location", [b"", b"/", b"login", b"//elsewhere.example/", b"https://elsewhere.example/login", b"ftp://localhost/"]
)
def test_no_other_is(location: bytes) -> None:
    assert Question().after(Reply(302, location), HOSTS) is None


def test_a_slash_and_what_follows_it_are_kept() -> None:
    assert Question(b"GET", b"/a").after(Reply(302, b"/b//c"), HOSTS) == (b"GET", b"/b//c")


def test_status_and_location_are_all_that_is_read() -> None:
    wire = Wire(upstream_host="auto")
    wire.forward.rule.settle()
    side = wire.upstream()
    assert side.sees() == Question().written(b"webproxy-probe.invalid")
    side.stalls()
    side.catches_up()
    side.says(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    assert side.end == ""
    side.says(b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 5\r\n\r\n")
    assert side.end == "aborted"
    assert wire.upstream().sees().startswith(b"HEAD /next HTTP/1.1\r\n")
