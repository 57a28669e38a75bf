"""The corpus holds one head of each kind."""

from __future__ import annotations

from webproxy.policy import path
from webproxy.testing.corpus import requests, responses


def test_every_oddity_of_paths_is_there() -> None:
    oddities = frozenset[str]().union(*(head.path_oddities for head in requests()))
    assert oddities == {value for name, value in vars(path).items() if name.isupper() and isinstance(value, str)}


def test_every_kind_of_body_is_there() -> None:
    assert {head.body_length for head in requests()} >= {0, 200, None, 10**12}
    assert any(head.websocket for head in requests())
    assert any(head.until_close for head in responses())
    assert any(head.chunked for head in responses())


def test_final_answers_and_the_upgrade() -> None:
    statuses = {head.status for head in responses()}
    assert 101 in statuses
    assert {status // 100 for status in statuses - {101}} == {2, 3, 4, 5}
