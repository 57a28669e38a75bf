"""The tests of ``webproxy/demo/chat.py``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.demo.service import Client, Service


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the body is not JSON"),
        (b"{", "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
        (b"{}", "messages: a list of objects with role and content would be right"),
        (b'{"messages":[]}', "messages: a list of objects with role and content would be right"),
        (b'{"messages":"hello"}', "messages: a list of objects with role and content would be right"),
        (b'{"messages":[{"content":"x"}],"options":7}', "options: an object would be right"),
        (b'{"messages":[{"content":"x"}],"options":{"num_predict":"7"}}', "options.num_predict: a whole number"),
        (b'{"messages":[{"content":"x"}],"options":{"num_predict":true}}', "options.num_predict: a whole number"),
    ],
)
def test_what_is_no_question_is_refused_in_a_sentence(client: Client, body: bytes, sentence: str) -> None:
    client.asks("POST", "/api/chat", body)
    answer = client.sees()
    assert answer.status == 400
    assert answer.json["error"].startswith(sentence)


def test_a_question_that_was_not_kept_whole_is_too_large(client: Client) -> None:
    client.asks("POST", "/api/chat", b" " * 2**20 + b"{}")
    assert client.sees().status == 413


def test_the_text_parts_of_a_message_are_the_question(client: Client) -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "image_url"}, "odd", {"type": "text", "text": "two"}]
    client.asks(
        "POST", "/api/chat?interval=0", json.dumps({"messages": [{"content": parts}], "stream": False}).encode()
    )
    assert client.sees().json["message"]["content"].startswith("You wrote “one two”. ")


def test_a_negative_limit_is_none(client: Client) -> None:
    client.asks("POST", "/api/generate?interval=0", b'{"options":{"num_predict":-1},"stream":false}')
    assert client.sees().json["done_reason"] == "stop"


def test_the_count_of_the_query_goes_beyond_the_text(client: Client) -> None:
    client.asks("POST", "/api/generate?interval=0&count=500", b'{"stream":false}')
    assert client.sees().json["eval_count"] == 500


def test_an_answer_in_one_piece_is_silent_until_it_is_complete(service: Service, client: Client) -> None:
    client.asks("POST", "/api/generate?interval=1&count=3", b'{"stream":false}')
    service.advance(2.9)
    assert client.takes() == b""
    assert service.tallies.streams.running == 1
    service.advance(0.1)
    answer = client.sees()
    assert answer.complete
    assert answer.fields["content-length"] == str(len(answer.body))
    assert service.tallies.streams.finished == 1


def test_a_client_who_leaves_during_the_silence_ends_the_generation(service: Service, client: Client) -> None:
    client.asks("POST", "/api/generate?interval=1&count=100", b'{"stream":false}')
    service.advance(1)
    client.leaves()
    generated = service.tallies.pieces
    service.advance(50)
    assert service.tallies.pieces == generated
    assert service.tallies.streams.left == 1


def test_a_stream_says_that_nobody_may_hold_it_back(service: Service, client: Client) -> None:
    client.asks("POST", "/api/generate?interval=1", b"{}")
    fields = client.sees().fields
    assert fields["cache-control"] == "no-cache"
    assert fields["x-accel-buffering"] == "no"
