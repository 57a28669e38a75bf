"""The tests of ``webproxy/demo/openai.py``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.demo.service import Client, Service

HELLO = [{"role": "user", "content": "Hello"}]


def asked(**more: Any) -> bytes:
    return json.dumps({"model": "some-model", "messages": HELLO, **more}).encode()


def test_a_stream_is_role_tokens_reason_and_done(service: Service, client: Client) -> None:
    client.asks("POST", "/v1/chat/completions?interval=0.5&count=2", asked(stream=True))
    service.advance(0.5)
    service.advance(0.5)
    service.advance(0.5)
    answer = client.sees()
    assert answer.fields["content-type"] == "text/event-stream"
    assert answer.complete
    *events, done, rest = answer.body.decode().split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    parsed = [json.loads(event.removeprefix("data: ")) for event in events]
    assert [event["choices"][0]["delta"] for event in parsed] == [
        {"role": "assistant", "content": ""},
        {"content": "You"},
        {"content": " wrote"},
        {},
    ]
    assert [event["choices"][0]["finish_reason"] for event in parsed] == [None, None, None, "stop"]
    assert {(event["id"], event["object"], event["model"]) for event in parsed} == {
        (parsed[0]["id"], "chat.completion.chunk", "some-model")
    }
    assert [event["timings"]["predicted_n"] for event in parsed] == [0, 1, 2, 2]
    assert [event["timings"]["predicted_ms"] for event in parsed] == [0.0, 500.0, 1000.0, 1500.0]


def test_an_answer_in_one_piece_is_the_default(client: Client) -> None:
    client.asks("POST", "/v1/chat/completions?interval=0", asked())
    told = client.sees().json
    assert told["object"] == "chat.completion"
    assert told["choices"][0]["message"]["content"].startswith("You wrote “Hello”. ")
    assert told["choices"][0]["finish_reason"] == "stop"
    assert told["usage"]["total_tokens"] == told["usage"]["completion_tokens"] + 1


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_cuts_the_reply_and_says_so(client: Client, limit: str) -> None:
    client.asks("POST", "/v1/chat/completions?interval=0", asked(**{limit: 2}))
    told = client.sees().json
    assert told["choices"][0]["message"]["content"] == "You wrote"
    assert told["choices"][0]["finish_reason"] == "length"


def test_a_refusal_has_openais_shape(client: Client) -> None:
    client.asks("POST", "/v1/chat/completions", b"{")
    answer = client.sees()
    assert answer.status == 400
    assert answer.json == {
        "error": {
            "message": "the body is not JSON",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
    }


def test_names_its_model(client: Client) -> None:
    client.asks("GET", "/v1/models")
    assert [model["id"] for model in client.sees().json["data"]] == ["webproxy-demo"]
