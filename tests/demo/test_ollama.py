"""The tests of ``webproxy/demo/ollama.py``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.demo.service import Client, Service

CHAT = b'{"model":"m","messages":[{"role":"user","content":"Hello"}]}'


def lines(body: bytes) -> list[Any]:
    return [json.loads(line) for line in body.splitlines()]


def test_a_chat_is_streamed_line_by_line_unless_refused(service: Service, client: Client) -> None:
    client.asks("POST", "/api/chat?interval=0.5&count=2", CHAT)
    answer = client.sees()
    assert answer.fields["content-type"] == "application/x-ndjson"
    assert [line["message"]["content"] for line in lines(answer.body)] == ["You"]
    service.advance(0.5)
    assert b'"content":" wrote"' in client.takes()
    service.advance(0.5)
    _, last, *end = client.takes().split(b"\r\n")
    assert end == [b"0", b"", b""]
    told = json.loads(last)
    assert told["message"] == {"role": "assistant", "content": ""}
    assert (told["model"], told["done"], told["done_reason"]) == ("m", True, "stop")
    assert (told["eval_count"], told["eval_duration"], told["prompt_eval_count"]) == (2, 1_000_000_000, 1)


def test_generate_answers_a_prompt(client: Client) -> None:
    client.asks("POST", "/api/generate?interval=0", b'{"prompt":"Hello","options":{"num_predict":3}}')
    told = lines(client.sees().body)
    assert [line["response"] for line in told] == ["You", " wrote", " “Hello”.", ""]
    assert [line["done"] for line in told] == [False, False, False, True]
    assert told[-1]["done_reason"] == "length"
    assert told[0]["created_at"].endswith("Z")


def test_an_answer_in_one_piece_when_asked(client: Client) -> None:
    client.asks("POST", "/api/chat?interval=0", CHAT.replace(b"}]}", b'}],"stream":false}'))
    told = client.sees().json
    assert told["message"]["content"].startswith("You wrote “Hello”. ")
    assert told["done"] is True


def test_a_refusal_has_ollamas_shape(client: Client) -> None:
    client.asks("POST", "/api/generate?count=x", b"{}")
    answer = client.sees()
    assert answer.status == 400
    assert answer.json == {"error": "count=x: a number from 0 to 1e+06 would be right"}


def test_names_its_model_and_version(client: Client) -> None:
    client.asks("GET", "/api/tags")
    assert [model["name"] for model in client.sees().json["models"]] == ["webproxy-demo"]
    client.asks("GET", "/api/version")
    assert client.sees().json == {"version": "0.0.0-webproxy-demo"}
