"""How lists are written, and what is said of those that are not."""

from __future__ import annotations

import pytest

from webproxy.policy import TextError
from webproxy_guard.rules import Rule, rules, table


def test_a_list() -> None:
    assert rules(" /a/**,POST {/b,/c},, * x ") == (Rule("*", "/a/**"), Rule("POST", "{/b,/c}"), Rule("*", "x"))
    assert rules("") == ()


@pytest.mark.parametrize("text", ["get /x", "/a b", "/**/x", "/caf\xe9", "/a{b"])
def test_what_is_no_endpoint(text: str) -> None:
    with pytest.raises(TextError, match="is no endpoint"):
        rules(text)


def test_a_rule_in_two_lists_is_the_first_ones() -> None:
    found = table((Rule("*", "/X", "one"), Rule("*", "{/x,/y}", "two")), strict=False).find("GET", "/x")
    assert found == Rule("*", "/X", "one")


def test_slashes_that_do_not_count_make_no_second_rule() -> None:
    made = table(rules("/a,/a/,//a//,/**,/"), strict=True)
    assert [made.find("GET", path) for path in ("/a", "/", "/b")] == [Rule("*", "/a"), Rule("*", "/"), Rule("*", "/**")]
