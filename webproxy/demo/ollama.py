"""Ollama's shape: ``/api/chat`` and ``/api/generate`` as NDJSON or in one piece, ``/api/tags``, ``/api/version``.

Source: Ollama's ``docs/api.md``. Streaming is on unless the client turns it off; durations are nanoseconds.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from webproxy.demo.answer import Leaf, QueryError, answer_json, as_json
from webproxy.demo.chat import ChatResource, Question, Telling, last_message, model_name, whole_number
from webproxy.demo.flow import Last
from webproxy.demo.tokens import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.web.server import Request

VERSION = "0.0.0-webproxy-demo"


class Chat(ChatResource):
    """``POST /api/chat``."""

    content_type = b"application/x-ndjson"

    def question(self, asked: dict[str, Any]) -> Question:
        """Read Ollama's JSON: streamed unless refused."""
        options = asked.get("options") or {}
        if not isinstance(options, dict):
            raise QueryError("options: an object would be right")
        return Question(
            model=model_name(asked),
            text=self.asked_text(asked),
            stream=asked.get("stream") is not False,
            limit=whole_number(options.get("num_predict"), "options.num_predict"),
        )

    def asked_text(self, asked: dict[str, Any]) -> str:
        """What the user wrote last."""
        return last_message(asked)

    def told(self, text: str) -> dict[str, object]:
        """Where a piece of the reply stands in the answer."""
        return {"message": {"role": "assistant", "content": text}}

    def stream(self, telling: Telling) -> Iterator[bytes]:
        """One line a token, at last an empty one with the durations."""
        for token in telling:
            yield as_json({**_frame(telling), **self.told(token), "done": False}) + b"\n"
        yield Last(self.whole(telling, "") + b"\n")

    def whole(self, telling: Telling, text: str) -> bytes:
        """The last line of a stream, or the only one."""
        return as_json({**_frame(telling), **self.told(text), **_end(telling)})

    def refuse(self, request: Request, error: QueryError) -> bytes:
        """Ollama's error object."""
        return answer_json(request, {"error": str(error)}, error.status)


class Generate(Chat):
    """``POST /api/generate``: as a chat, with a prompt for a question."""

    def asked_text(self, asked: dict[str, Any]) -> str:
        """The prompt."""
        return str(asked.get("prompt", ""))

    def told(self, text: str) -> dict[str, object]:
        """Ollama calls it the response."""
        return {"response": text}


class Tags(Leaf):
    """``GET /api/tags``."""

    def render_GET(self, request: Request) -> bytes:
        """The one model there is."""
        model = {
            "name": MODEL,
            "model": MODEL,
            "modified_at": "2026-01-01T00:00:00Z",
            "size": 0,
            "digest": "0" * 64,
            "details": {"format": "none", "family": "demo", "parameter_size": "0"},
        }
        return answer_json(request, {"models": [model]})


class Version(Leaf):
    """``GET /api/version``."""

    def render_GET(self, request: Request) -> bytes:
        """A version that nobody takes for Ollama's."""
        return answer_json(request, {"version": VERSION})


def _frame(telling: Telling) -> dict[str, object]:
    """What every line of a reply has in common."""
    now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    return {"model": telling.question.model, "created_at": now}


def _end(telling: Telling) -> dict[str, object]:
    took = round(1_000_000_000 * telling.took)
    return {
        "done": True,
        "done_reason": "length" if telling.cut else "stop",
        "total_duration": took,
        "load_duration": 0,
        "prompt_eval_count": telling.heard,
        "prompt_eval_duration": 0,
        "eval_count": telling.sent,
        "eval_duration": took,
    }
