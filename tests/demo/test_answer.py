"""The tests of ``webproxy/demo/answer.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from webproxy.demo.answer import as_json

if TYPE_CHECKING:
    from tests.demo.service import Client


def test_json_is_one_line_of_utf_8() -> None:
    assert as_json({"text": "„ä\n“", "n": [1, None]}) == '{"text":"„ä\\n“","n":[1,null]}'.encode()


@pytest.mark.parametrize("count", ["x", "", "0", "-1", "nan", "inf", "1e99", "%ff"])
def test_a_wrong_number_in_the_query_is_refused_with_what_would_be_right(client: Client, count: str) -> None:
    client.asks("GET", f"/events?count={count}")
    answer = client.sees()
    assert answer.status == 400
    assert answer.fields["content-type"] == "text/plain; charset=utf-8"
    assert answer.body.decode().endswith(": a number from 1 to 1e+06 would be right\n")


def test_the_last_of_repeated_numbers_holds(client: Client) -> None:
    client.asks("GET", "/events?count=x&count=1&interval=0")
    assert client.sees().status == 200
