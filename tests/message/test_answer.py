"""Our own answers: the right shape for whoever reads them, and nothing unescaped."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from webproxy.message.answer import Shape, phrase, render, shape
from webproxy.message.fields import Fields, Pair
from webproxy.message.head import RequestHead

NAVIGATION = (b"Accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8")
CODES = [400, 403, 404, 405, 408, 413, 414, 421, 429, 431, 500, 501, 502, 503, 504]


def request(target: bytes = b"/", *pairs: Pair) -> RequestHead:
    return RequestHead(b"GET", target, b"a.example", 1, Fields(pairs), 0, True, False, False)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(request(b"/", NAVIGATION), Shape.HTML, id="a browser"),
        pytest.param(request(b"/api/chat", NAVIGATION), Shape.HTML, id="a browser, on an API's path"),
        pytest.param(request(b"/", (b"Sec-Fetch-Mode", b"navigate")), Shape.HTML, id="a navigation"),
        pytest.param(request(b"/", (b"Accept", b"application/xhtml+xml")), Shape.HTML, id="XHTML"),
        pytest.param(request(b"/", (b"Accept", b"*/*")), Shape.TEXT, id="curl"),
        pytest.param(request(), Shape.TEXT, id="nothing said"),
        pytest.param(request(b"/", (b"Accept", b"image/webp,*/*")), Shape.TEXT, id="an image"),
        pytest.param(request(b"/", (b"Accept", b"application/json")), Shape.JSON, id="JSON asked for"),
        pytest.param(request(b"/", (b"Accept", b"text/event-stream")), Shape.JSON, id="an event stream asked for"),
        pytest.param(
            request(b"/", (b"Accept", b"text/html;q=0.5, application/json")), Shape.JSON, id="JSON rather than HTML"
        ),
        pytest.param(
            request(b"/", (b"Accept", b"application/json;q=0.5, text/html")), Shape.HTML, id="HTML rather than JSON"
        ),
        pytest.param(request(b"/", (b"Accept", b"text/html;q=0")), Shape.TEXT, id="HTML refused"),
        pytest.param(request(b"/", (b"Accept", b"text/html;q=x")), Shape.TEXT, id="an invalid weight"),
        pytest.param(request(b"/", (b"Accept", b"text/html;level=1")), Shape.HTML, id="another parameter"),
        pytest.param(request(b"/v1/chat/completions"), Shape.JSON, id="a path of OpenAI's API"),
        pytest.param(request(b"/openai/v1/models"), Shape.JSON, id="such a path below a prefix"),
        pytest.param(request(b"/x", (b"Content-Type", b"application/json")), Shape.JSON, id="JSON sent"),
        pytest.param(request(b"/x", (b"Authorization", b"Bearer sk-1")), Shape.JSON, id="an API key"),
        pytest.param(request(b"/x", (b"Authorization", b"Basic eDp5")), Shape.TEXT, id="Basic credentials"),
        pytest.param(request(b"/x", (b"Sec-Fetch-Dest", b"empty")), Shape.JSON, id="fetch()"),
        pytest.param(request(b"/api/chat"), Shape.OLLAMA, id="a path of Ollama's API"),
        pytest.param(request(b"/api/tags", (b"Accept", b"application/json")), Shape.OLLAMA, id="JSON on that path"),
        pytest.param(request(b"/ollama/api/generate"), Shape.OLLAMA, id="Ollama below a prefix"),
        pytest.param(request(b"/x?next=/api/chat"), Shape.TEXT, id="such a path in the query"),
        pytest.param(request(b"*"), Shape.TEXT, id="no path at all"),
    ],
)
def test_the_shape_suits_the_reader(head: RequestHead, expected: Shape) -> None:
    assert shape(head) is expected


class Reader(HTMLParser):
    """Takes a page apart: the elements it has, and the text it shows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(chosen: Shape, text: str, status: int = 502, reload: int = 0) -> tuple[dict[bytes, bytes], str]:
    fields, body = render(status, chosen, text, b"id-1", reload=reload)
    assert dict(fields)[b"Content-Length"] == b"%d" % len(body)
    return dict(fields), body.decode()


@pytest.mark.parametrize("chosen", Shape)
@pytest.mark.parametrize("status", CODES)
def test_every_answer_says_what_happened_and_in_which_exchange(chosen: Shape, status: int) -> None:
    fields, body = rendered(chosen, "The internal service said nothing for 60 s.", status)
    assert "The internal service said nothing for 60 s." in body
    assert "id-1" in body
    assert fields[b"X-Request-Id"] == b"id-1"
    assert fields[b"Cache-Control"] == b"no-store"
    assert fields[b"X-Content-Type-Options"] == b"nosniff"


def test_a_page_for_browsers() -> None:
    fields, body = rendered(Shape.HTML, "One <b>.\nTwo & three.")
    page = Reader(body)
    assert fields[b"Content-Type"] == b"text/html; charset=utf-8"
    assert "502 Bad Gateway" in page.text
    assert "One <b>." in page.text
    assert "Two & three." in page.text
    assert [tag for tag, _ in page.elements].count("p") == 2
    assert "color-scheme: light dark" in body


def test_nothing_of_a_page_comes_from_elsewhere() -> None:
    fields, body = rendered(Shape.HTML, "x")
    assert fields[b"Content-Security-Policy"] == b"default-src 'none'; style-src 'unsafe-inline'"
    for tag, attributes in Reader(body).elements:
        assert tag not in {"script", "img", "link", "iframe"}
        assert not {"src", "href", "style"} & attributes.keys()
    assert "url(" not in body


def test_everything_shown_is_escaped() -> None:
    hostile = "</p><script>alert(1)</script>\"'&{title}%s"
    fields, body = render(400, Shape.HTML, hostile, b"<i>")
    page = Reader(body.decode())
    assert hostile in page.text
    assert "<i>" in page.text
    assert not {"script", "i"} & {tag for tag, _ in page.elements}
    assert (b"X-Request-Id", b"<i>") in fields


def test_a_page_may_reload_itself() -> None:
    _, body = rendered(Shape.HTML, "still starting", 503, reload=2)
    assert ("meta", {"http-equiv": "refresh", "content": "2"}) in Reader(body).elements
    _, body = rendered(Shape.HTML, "still starting", 503)
    assert "refresh" not in body


@pytest.mark.parametrize("chosen", [Shape.JSON, Shape.OLLAMA, Shape.TEXT])
def test_other_shapes_do_not_reload(chosen: Shape) -> None:
    assert rendered(chosen, "x", 503, reload=2) == rendered(chosen, "x", 503)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "invalid_request_error", "bad_request"),
        (401, "authentication_error", "unauthorized"),
        (403, "permission_error", "forbidden"),
        (408, "proxy_timeout", "request_timeout"),
        (429, "rate_limit_error", "too_many_requests"),
        (500, "server_error", "internal_server_error"),
        (502, "upstream_error", "bad_gateway"),
        (503, "upstream_unavailable", "service_unavailable"),
        (504, "proxy_timeout", "gateway_timeout"),
        (599, "server_error", "599"),
    ],
)
def test_openais_shape(status: int, kind: str, code: str) -> None:
    fields, body = rendered(Shape.JSON, 'no "x"', status)
    assert fields[b"Content-Type"] == b"application/json"
    message = 'no "x" (webproxy, request id id-1)'
    assert json.loads(body) == {"error": {"message": message, "type": kind, "param": None, "code": code}}


def test_ollamas_shape() -> None:
    fields, body = rendered(Shape.OLLAMA, "no")
    assert fields[b"Content-Type"] == b"application/json"
    assert json.loads(body) == {"error": "no (webproxy, request id id-1)"}


def test_plain_text() -> None:
    fields, body = rendered(Shape.TEXT, "no")
    assert fields[b"Content-Type"] == b"text/plain; charset=utf-8"
    assert body == "502 Bad Gateway\nno\nwebproxy, request id: id-1\n"


def test_further_fields_are_added() -> None:
    fields, _ = render(405, Shape.TEXT, "no", b"1", [(b"Allow", b"GET"), (b"Retry-After", b"2")])
    assert fields[-2:] == [(b"Allow", b"GET"), (b"Retry-After", b"2")]


def test_text_that_cannot_be_encoded_is_replaced() -> None:
    _, body = render(400, Shape.TEXT, "\udce4", b"1")
    assert b"?" in body


def test_phrases() -> None:
    assert phrase(404) == "Not Found"
    assert phrase(413) == "Content Too Large"  # in every Python
    assert phrase(599) == ""
