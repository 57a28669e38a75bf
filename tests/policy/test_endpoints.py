"""The endpoint table is well-formed; that it is right, the rows of exchanges.txt show."""

from __future__ import annotations

import pytest

from webproxy.policy.endpoints import ENDPOINTS, Endpoint, find_endpoint


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.pattern)
def test_every_row_says_what_it_may(endpoint: Endpoint) -> None:
    assert endpoint.traffic_class in {"DEFAULT", "LONG", "DOWNLOAD"}
    assert set(endpoint.methods) <= {"GET", "POST", "DELETE", "*"}
    assert endpoint.service
    if endpoint.generation:
        assert (endpoint.methods, endpoint.traffic_class) == (("POST",), "LONG")
    if endpoint.traffic_class == "DOWNLOAD":
        assert endpoint.methods == ("GET",)


def test_says_which_row_it_was() -> None:
    found = find_endpoint("POST", "/v1/chat/completions")
    assert found is not None
    assert found.generation
    assert found.service.startswith("OpenAI")


def test_method_matters() -> None:
    assert find_endpoint("GET", "/embeddings") is None
    assert find_endpoint("POST", "/embeddings") is not None


def test_a_short_answer_among_long_ones() -> None:
    found = find_endpoint("GET", "/v1/responses/input_tokens")
    assert found is not None
    assert found.traffic_class == "DEFAULT"


def test_long_paths_are_looked_up_and_not_remembered() -> None:
    assert find_endpoint("GET", "/files/" + "a" * 300) is not None
