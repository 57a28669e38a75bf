"""Addresses read well, and those of a file's keys find the nearest line."""

from __future__ import annotations

import pytest

from webproxy.settings.address import inside, key_address

LINES = {("drain",): 3, ("policy",): 5, ("policy", "queue"): 6}


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (("drain",), "a.toml:3: drain"),
        (("policy", "queue"), "a.toml:6: policy.queue"),
        (("policy", "queue", "slots"), "a.toml:6: policy.queue.slots"),
        (("policy", "[1]"), "a.toml:5: policy[1]"),
        (("trust",), "a.toml: trust"),
    ],
)
def test_a_key_has_the_line_nearest_to_it(path: tuple[str, ...], address: str) -> None:
    assert key_address("a.toml", path, LINES) == address


def test_inside_of_a_file_the_line_is_found_anew() -> None:
    assert inside(key_address("a.toml", ("policy",), LINES), "queue", "slots") == "a.toml:6: policy.queue.slots"


def test_inside_of_an_option_or_a_variable_words_are_joined() -> None:
    assert inside("--policy", "queue") == "--policy queue"
    assert inside("WEBPROXY_POLICY", "queue", "slots") == "WEBPROXY_POLICY queue:slots"
