"""The tests of ``webproxy/demo/tally.py``."""

from __future__ import annotations

from webproxy.demo.tally import Tallies, Tally


def test_counts_what_runs_and_how_it_ended() -> None:
    tally = Tally()
    for _ in range(3):
        tally.begin()
    tally.end(complete=True)
    tally.end(complete=False)
    assert tally == Tally(running=1, finished=1, left=1)


def test_shows_every_kind() -> None:
    tallies = Tallies()
    tallies.downloads.begin()
    tallies.pieces = 7
    shown = tallies.as_json()
    assert list(shown) == ["streams", "downloads", "bodies", "sockets", "pieces"]
    assert shown["downloads"] == {"running": 1, "finished": 0, "left": 0}
    assert shown["pieces"] == 7
