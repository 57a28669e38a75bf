"""Ordinary twisted.web resources mounted in our chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.web.iweb import IRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET
from twisted.web.static import Data
from zope.interface.verify import verifyObject

from tests.wire import Wire
from webproxy.resources.ordinary import CONTENT_LIMIT, Ordinary

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred
    from twisted.logger import LogEvent

    from tests.wire import Side


class Form(Resource):
    """Answers with what the form said, and with what a request is."""

    isLeaf = True

    def render_POST(self, request: Any) -> bytes:
        verifyObject(IRequest, request)
        request.addCookie(b"seen", b"1")
        name: bytes = request.args[b"name"][0]
        host: str = request.getClientAddress().host
        return name + b" from " + host.encode()


class Scripted(Resource):
    """Does what the test says."""

    isLeaf = True

    def __init__(self, act: Callable[[Any], Any]) -> None:
        super().__init__()
        self.act = act

    def render(self, request: Any) -> Any:
        return self.act(request)


def serving(resource: Any) -> tuple[Wire, Side]:
    root = Resource()
    root.putChild(b"here", resource)
    wire = Wire()
    wire.site.root = Ordinary(root, wire.reactor)
    return wire, wire.client()


def get(path: bytes = b"/here", method: bytes = b"GET", more: bytes = b"") -> bytes:
    return b"%s %s HTTP/1.1\r\nHost: h\r\n%s\r\n" % (method, path, more)


def post(body: bytes, kind: bytes = b"application/x-www-form-urlencoded") -> bytes:
    return get(method=b"POST", more=b"Content-Type: %s\r\nContent-Length: %d\r\n" % (kind, len(body))) + body


def test_a_form() -> None:
    _, client = serving(Form())
    client.says(post(b"name=Ada"))
    answer = client.sees()
    assert answer.endswith(b"\r\n\r\nAda from 203.0.113.7")
    assert b"\r\nSet-Cookie: seen=1\r\n" in answer
    assert client.end == ""


def test_a_form_in_portions_and_in_chunks() -> None:
    _, client = serving(Form())
    for byte in post(b"name=Ada"):
        client.says(bytes([byte]))
    assert client.sees().endswith(b"Ada from 203.0.113.7")
    more = b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n"
    client.says(get(method=b"POST", more=more) + b"5\r\nname=\r\n3\r\nEve\r\n0\r\n\r\n")
    assert client.sees().endswith(b"Eve from 203.0.113.7")


def test_a_form_held_back_by_expect_is_asked_for() -> None:
    _, client = serving(Form())
    head, _, body = post(b"name=Ada").partition(b"\r\n\r\n")
    client.says(head + b"\r\nExpect: 100-continue\r\n\r\n")
    assert client.sees() == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.says(body)
    assert client.sees().endswith(b"Ada from 203.0.113.7")


def test_a_malformed_form_is_400() -> None:
    _, client = serving(Form())
    client.says(post(b"no boundary in here", b"multipart/form-data; boundary=x"))
    assert client.sees().startswith(b"HTTP/1.1 400 ")
    assert client.end == "closed"


def test_more_than_a_mebibyte_is_413_before_it_is_sent() -> None:
    _, client = serving(Form())
    client.says(get(method=b"POST", more=b"Content-Length: %d\r\n" % (CONTENT_LIMIT + 1)))
    assert client.sees().startswith(b"HTTP/1.1 413 ")
    assert client.end == "finished"


def test_more_than_a_mebibyte_in_chunks_is_413_as_soon_as_it_is_more() -> None:
    _, client = serving(Form())
    client.says(get(method=b"POST", more=b"Transfer-Encoding: chunked\r\n"))
    client.says(b"%x\r\n" % (2 * CONTENT_LIMIT))
    client.says(b"x" * CONTENT_LIMIT)
    assert client.sees() == b""
    client.says(b"x")
    assert client.sees().startswith(b"HTTP/1.1 413 ")
    assert client.end == "finished"


def test_a_resource_of_the_chain_inside_the_tree_streams() -> None:
    root = Resource()
    wire = Wire()
    root.putChild(b"gpu", wire.forward)
    wire.site.root = Ordinary(root, wire.reactor)
    client = wire.client()
    client.says(b"POST /gpu/x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf.")
    assert wire.upstream().sees().endswith(b"\r\n\r\nhalf.")


def test_an_answer_without_a_length_is_chunked() -> None:
    def act(request: Any) -> int:
        request.write(b"one")
        request.write(b"two")
        request.finish()
        return NOT_DONE_YET

    _, client = serving(Scripted(act))
    client.says(get())
    answer = client.sees()
    assert b"\r\nTransfer-Encoding: chunked\r\n" in answer
    assert answer.endswith(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
    assert client.end == ""


def test_an_answer_without_a_length_to_http_1_0_ends_with_the_connection() -> None:
    def act(request: Any) -> int:
        request.write(b"one")
        request.finish()
        return NOT_DONE_YET

    _, client = serving(Scripted(act))
    client.says(b"GET /here HTTP/1.0\r\n\r\n")
    assert client.sees().endswith(b"\r\n\r\none")
    assert client.end == "closed"


def test_head_is_answered_without_a_body() -> None:
    _, client = serving(Data(b"text", "text/plain"))
    client.says(get(method=b"HEAD"))
    answer = client.sees()
    assert b"\r\nContent-Length: 4\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")
    assert client.end == ""


def test_not_modified_has_no_body() -> None:
    def act(request: Any) -> bytes:
        request.setResponseCode(304)
        return b""

    _, client = serving(Scripted(act))
    client.says(get())
    assert client.sees().startswith(b"HTTP/1.1 304 Not Modified\r\n")
    assert client.end == ""


def test_a_resource_that_raises_is_500(logged: list[LogEvent]) -> None:
    def act(request: Any) -> bytes:
        raise ZeroDivisionError

    _, client = serving(Scripted(act))
    client.says(get())
    assert client.sees().startswith(b"HTTP/1.1 500 ")
    assert any("log_failure" in event for event in logged)


def test_a_client_that_leaves_is_told_to_the_resource() -> None:
    left: list[Any] = []

    def act(request: Any) -> int:
        finished: Deferred[None] = request.notifyFinish()
        finished.addErrback(left.append)
        return NOT_DONE_YET

    wire, client = serving(Scripted(act))
    client.says(get())
    client.leaves()
    assert len(left) == 1
    assert wire.records[0].status == 499


def test_a_resource_that_falls_silent_is_cut() -> None:
    wire, client = serving(Scripted(lambda _: NOT_DONE_YET))
    client.says(get())
    wire.passes(61)
    assert client.end == "aborted"
    assert wire.records[0].closed_by == "idle"


class Producer:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


def test_a_push_producer_is_told_whether_the_client_keeps_up() -> None:
    producer = Producer()

    def act(request: Any) -> int:
        request.registerProducer(producer, True)
        request.write(b"begun")
        return NOT_DONE_YET

    _, client = serving(Scripted(act))
    client.says(get())
    client.stalls()
    client.catches_up()
    client.leaves()
    assert producer.told == ["pause", "resume", "stop"]


def test_without_a_producer_a_stall_concerns_nobody() -> None:
    _, client = serving(Scripted(lambda _: NOT_DONE_YET))
    client.says(get())
    client.stalls()
    client.catches_up()
    assert client.end == ""


def test_a_resource_may_unregister_and_give_up() -> None:
    producer = Producer()

    def act(request: Any) -> int:
        assert not request.isSecure()
        assert request.getHost() is not None
        request.registerProducer(producer, True)
        request.unregisterProducer()
        request.loseConnection()
        return NOT_DONE_YET

    wire, client = serving(Scripted(act))
    client.says(get())
    assert client.end == "aborted"
    assert wire.records[0].closed_by == "error"
