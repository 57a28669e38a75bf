"""The Autobahn cases come out behind the proxy as they do directly; those that take long are in tests/system."""

from __future__ import annotations

import pytest

from tests.integration.autobahn import Verdicts, verdicts

LONG = ("9.*", "12.*", "13.*")


@pytest.fixture(scope="module")
def found() -> Verdicts:
    return verdicts(left_out=LONG)


def test_there_are_as_many_as_the_suite_has(found: Verdicts) -> None:
    assert len(found.direct) == 247
    assert sum(verdict == ["OK", "OK"] for verdict in found.direct.values()) > 200


def test_a_tunnel_makes_none_worse(found: Verdicts) -> None:
    assert found.worse(found.tunnel) == {}


def test_frames_make_none_worse(found: Verdicts) -> None:
    assert found.worse(found.frames) == {}
