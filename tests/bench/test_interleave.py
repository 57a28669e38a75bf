"""The order of a run: side by side, and nobody always first."""

from __future__ import annotations

from bench.interleave import rotated, turns
from bench.peers.table import CADDY, HAPROXY, NGINX, TWISTED, WEBPROXY
from bench.rows.row import Row
from bench.rows.table import ROWS

GET = Row("get", "GET", (), lambda _scene: {})
LAG = Row("lag", "Lag", (), lambda _scene: {}, direct=True)
UPLOAD = Row("upload", "Upload", (), lambda _scene: {}, absent=frozenset({"twisted"}))


def test_rotation_starts_one_further_each_time_and_loses_nobody() -> None:
    assert [rotated("abc", by) for by in range(4)] == [list("abc"), list("bca"), list("cab"), list("abc")]
    assert rotated([], 3) == []


def test_every_round_measures_every_row_with_every_peer() -> None:
    made = list(turns([GET, UPLOAD], [NGINX, HAPROXY, CADDY], 3))
    assert [turn.number for turn in made] == [0] * 6 + [1] * 6 + [2] * 6
    assert [turn.peer for turn in made if turn.row is GET] == [
        *(NGINX, HAPROXY, CADDY),
        *(HAPROXY, CADDY, NGINX),
        *(CADDY, NGINX, HAPROXY),
    ]


def test_the_direct_way_is_one_of_the_peers_where_a_row_asks_for_it() -> None:
    assert [turn.peer for turn in turns([LAG], [NGINX], 2)] == [NGINX, None, None, NGINX]


def test_a_peer_that_cannot_carry_a_row_is_left_out() -> None:
    assert [turn.peer for turn in turns([UPLOAD], [NGINX, TWISTED], 1)] == [NGINX]


def test_after_the_whole_rounds_only_what_the_bars_need_goes_on() -> None:
    rows = [ROWS["small_get"], ROWS["new_connections"], ROWS["sse_100"]]
    made = list(turns(rows, [WEBPROXY, NGINX, HAPROXY, CADDY], 2, whole=1))
    assert sum(turn.number == 0 for turn in made) == 4 + 4 + 5
    later = [(turn.row.name, turn.peer) for turn in made if turn.number == 1]
    assert sorted(later, key=str) == sorted(
        [("small_get", WEBPROXY), ("small_get", NGINX), ("small_get", CADDY), ("sse_100", WEBPROXY), ("sse_100", None)],
        key=str,
    )
