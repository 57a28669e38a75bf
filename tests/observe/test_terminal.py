"""The live page's picture as lines of a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from webproxy.observe.terminal import age, screen, size

ROW = {
    "id": "abc",
    "client": "192.0.2.7",
    "user": "",
    "method": "POST",
    "path": "/api/chat",
    "traffic_class": "LONG",
    "why": "path",
    "state": "answering",
    "age": 61.0,
    "limit": 600.0,
    "received": 100,
    "sent": 5000,
}
FAILURE = {
    "id": "def",
    "time": 0,
    "status": 504,
    "method": "GET",
    "path": "/slow",
    "reason": "silent for 60 s",
    "client": "192.0.2.8",
}


def picture(*rows: dict[str, Any], time: float = 10.0, sent: int = 5000, **other: Any) -> dict[str, Any]:
    return {
        "port": 12345,
        "internal": "127.0.0.1:8080",
        "up": True,
        "time": time,
        "connections": 1,
        "running": len(rows),
        "classes": {"LONG": {"ended": 3, "running": len(rows), "sent": sent, "received": 0}},
        "exchanges": list(rows),
        "failures": [],
        **other,
    }


def words(lines: list[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


def test_it_shows_who_talks_how_fast_and_why_it_may_take_so_long() -> None:
    before = picture(ROW, time=8.0)
    now = picture({**ROW, "sent": 9000, "user": "anna"}, sent=9000)
    assert words(screen(now, before, 200, 40)) == [
        "127.0.0.1:8080 -> 12345 1 client",
        "",
        "class running ended sent a second",
        "LONG 1 3 9.0 kB 2.0 kB/s",
        "",
        "age class state a second request client",
        (
            "1 min 1 s LONG answering 2.0 kB/s POST /api/chat anna at 192.0.2.7 sent 9.0 kB, received 100 B, "
            "limit 10 min, path, id abc"
        ),
        "",
        "Nothing has failed.",
    ]


def test_the_first_picture_has_no_rates() -> None:
    lines = words(screen(picture({**ROW, "limit": None}), None, 200, 40))
    assert lines[3] == "LONG 1 3 5.0 kB -"
    assert lines[6] == (
        "1 min 1 s LONG answering - POST /api/chat 192.0.2.7 sent 5.0 kB, received 100 B, limit none, path, id abc"
    )


def test_a_narrow_terminal_shows_what_is_asked() -> None:
    assert any(line.endswith("POST /api/chat  192.0.2.7") for line in screen(picture(ROW), None, 76, 24))


def test_what_failed_and_a_service_that_is_down() -> None:
    lines = words(screen(picture(failures=[FAILURE], up=False, connections=2), None, 200, 40))
    assert lines[0] == "127.0.0.1:8080 -> 12345 2 clients; the internal service does not take connections"
    assert lines[-1].endswith(" 504 GET /slow silent for 60 s 192.0.2.8 def")


def test_it_fits_into_the_terminal_and_counts_the_rest() -> None:
    lines = screen(picture(*[{**ROW, "id": str(number)} for number in range(50)]), None, 60, 20)
    assert len(lines) <= 20
    assert max(map(len, lines)) == 60
    shown = sum("answering" in line for line in lines)
    assert f"... and {50 - shown} more" in lines


def test_a_stranger_cannot_speak_to_the_terminal() -> None:
    lines = screen(picture({**ROW, "path": "/\x1b]0;title\x07\x9b2J"}), None, 200, 40)
    assert "/?]0;title??2J" in "".join(lines)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (15e6, "15 MB"), (3e15, "3000 TB")]
)
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.25, "0.2 s"), (9, "9 s"), (59, "59 s"), (60, "1 min"), (3900, "1 h 5 min"), (7200, "2 h")]
)
def test_times(seconds: float, text: str) -> None:
    assert age(seconds) == text
