"""What a request offers to whoever answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire import DATE, Side, Wire
from webproxy.resources.chain import StreamingResource

if TYPE_CHECKING:
    from webproxy.downstream.request import Request


class Keeper(StreamingResource):
    """Keeps its requests for the test to answer."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def render(self, request: Request) -> int:
        self.requests.append(request)
        return 1


def asked(data: bytes) -> tuple[Wire, Side, Request]:
    keeper = Keeper()
    wire = Wire(keeper)
    client = wire.client()
    client.says(data)
    return wire, client, keeper.requests[0]


GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


def test_its_state_is_readable() -> None:
    _, _, request = asked(GET)
    assert repr(request).endswith(" open>")
    request.begin(200, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert repr(request).endswith(" answering>")
    request.finish()
    assert repr(request).endswith(" ended>")


def test_a_clients_request_id_is_kept() -> None:
    _, _, request = asked(GET[:-2] + b"X-Request-Id: mine-1\r\n\r\n")
    assert request.record.id == b"mine-1"


def test_where_it_came_from() -> None:
    _, _, request = asked(GET)
    assert request.arrival.client == "203.0.113.7"
    assert request.arrival.port == 12345
    assert not request.arrival.trusted


def test_an_answer_of_our_own_in_plain_text() -> None:
    wire, client, request = asked(GET)
    request.answer(503, "Not now.", [(b"Retry-After", b"2")])
    answer = client.sees()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nRetry-After: 2" in head
    assert b"\r\nDate: " + DATE in head
    assert b"\r\nContent-Length: %d" % len(body) in head
    assert b"Not now." in body
    assert request.record.id in answer
    assert wire.records[0].note == "Not now."
    assert client.end == ""


def test_an_answer_of_our_own_to_head_has_no_body() -> None:
    _, client, request = asked(GET.replace(b"GET", b"HEAD"))
    request.answer(503, "Not now.")
    assert client.sees().endswith(b"\r\n\r\n")


def test_a_page_that_loads_itself_again() -> None:
    _, client, request = asked(GET[:-2] + b"Accept: text/html\r\n\r\n")
    request.answer(503, "Not <now>.", reload_after=2)
    answer = client.sees()
    assert b"text/html" in answer
    assert b"refresh" in answer.lower()
    assert b"Not &lt;now&gt;." in answer


def test_http_1_0_gets_no_interim_answer_rfc_9110_15_2() -> None:
    _, client, request = asked(b"GET / HTTP/1.0\r\n\r\n")
    request.interim(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    assert client.sees() == b""


def test_close_after_closes_after() -> None:
    _, client, request = asked(GET)
    assert not request.closing
    request.close_after()
    assert request.closing
    request.answer(200, "ok")
    assert client.end == "closed"


def test_an_exchange_that_nobody_answers_is_cut() -> None:
    wire, client, _ = asked(GET)
    wire.passes(61)
    assert client.end == "closed"
    assert wire.records[0].closed_by == "idle"


def test_a_client_that_leaves_before_anybody_answers() -> None:
    wire, client, _ = asked(GET)
    client.stalls()
    client.catches_up()
    client.leaves()
    assert wire.records[0].status == 499
