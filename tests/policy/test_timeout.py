"""The built-in policy: its limits, which of several classes wins, and that an answer only ever raises.

Which exchange has which class is in exchanges.txt (test_classify).
"""

from __future__ import annotations

import math

import pytest

from webproxy.policy import TrafficClass, Verdict
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.testing import PolicyConformance, request, response

DEFAULT = TrafficClass("DEFAULT", 60.0)


class TestConformance(PolicyConformance):
    def make_policy(self) -> TimeoutPolicy:
        return TimeoutPolicy()


def word(verdict: Verdict | None) -> str:
    """Say a verdict in a word, as ``LONG:path``."""
    if verdict is None or verdict.traffic_class is None:
        return "-"
    return f"{verdict.traffic_class.name}:{verdict.why}"


def test_declared_defaults_are_the_constructors() -> None:
    declared = {setting.keyword: setting.parse(setting.default or "") for setting in TimeoutPolicy.settings}
    assert declared == {"default": 60.0, "long": 600.0, "download": 1800.0, "websocket": math.inf}
    policy, same = TimeoutPolicy(), TimeoutPolicy(**declared)
    for asked in (request("POST", "/api/chat"), request("GET", "/a.zip"), request()):
        assert policy.request_received(asked) == same.request_received(asked)
    assert policy.default == same.default == DEFAULT


def test_limits_are_settings() -> None:
    policy = TimeoutPolicy(default=1.0, long=2.0, download=3.0, websocket=4.0)
    assert policy.default.limit == 1.0
    asked = (request("POST", "/api/chat"), request("GET", "/a.zip"))
    answered = response(101, {"Connection": "Upgrade", "Upgrade": "websocket"})
    verdicts = [*map(policy.request_received, asked), policy.response_received(request(), answered, DEFAULT)]
    assert [verdict and verdict.traffic_class for verdict in verdicts] == [
        TrafficClass("LONG", 2.0),
        TrafficClass("DOWNLOAD", 3.0),
        TrafficClass("WEBSOCKET", 4.0),
    ]


@pytest.mark.parametrize(
    ("long", "download", "said"),
    [(600.0, 1800.0, "DOWNLOAD:extension"), (1800.0, 600.0, "LONG:path"), (600.0, 600.0, "LONG:path")],
)
def test_of_several_the_longest_wins(long: float, download: float, said: str) -> None:
    policy = TimeoutPolicy(long=long, download=download)
    assert word(policy.request_received(request("GET", "/stream/film.mkv"))) == said


def test_of_several_in_accept_the_longest_wins() -> None:
    policy = TimeoutPolicy(long=1800.0, download=600.0)
    asked = request("GET", "/", {"Accept": "application/octet-stream, text/event-stream"})
    assert word(policy.request_received(asked)) == "LONG:accept"


def test_an_upload_of_a_download_is_a_download() -> None:
    assert (
        word(TimeoutPolicy().request_received(request("PUT", "/", {"Range": "bytes=0-"}, body=None)))
        == "DOWNLOAD:range"
    )


@pytest.mark.parametrize("limit", [600.0, 601.0, math.inf])
def test_an_answer_never_lowers(limit: float) -> None:
    stream = response(200, {"Content-Type": "text/event-stream"})
    assert TimeoutPolicy().response_received(request(), stream, TrafficClass("OWN", limit)) is None


def test_an_answer_raises_somebody_elses_class() -> None:
    stream = response(200, {"Content-Type": "text/event-stream"})
    verdict = TimeoutPolicy().response_received(request(), stream, TrafficClass("OWN", 599.0))
    assert word(verdict) == "LONG:content-type"


def test_an_upgrade_is_a_websocket_whatever_it_was() -> None:
    upgrade = response(101, {"Connection": "Upgrade", "Upgrade": "websocket"})
    verdict = TimeoutPolicy(websocket=5.0).response_received(request(), upgrade, TrafficClass("OWN", math.inf))
    assert word(verdict) == "WEBSOCKET:upgrade"


@pytest.mark.parametrize(
    ("long", "download", "said"),
    [(600.0, 1800.0, "DOWNLOAD:content-disposition"), (1800.0, 600.0, "LONG:x-accel-buffering")],
)
def test_of_several_in_an_answer_the_longest_wins(long: float, download: float, said: str) -> None:
    answered = response(200, {"Content-Disposition": "attachment", "X-Accel-Buffering": "no"})
    policy = TimeoutPolicy(long=long, download=download)
    assert word(policy.response_received(request(), answered, DEFAULT)) == said


def test_long_paths_and_accepts_are_judged_and_not_remembered() -> None:
    policy = TimeoutPolicy()
    assert word(policy.request_received(request("GET", "/" + "a" * 300 + ".zip"))) == "DOWNLOAD:extension"
    accept = ", ".join(f"type/{number}" for number in range(100)) + ", text/event-stream"
    assert word(policy.request_received(request("GET", "/", {"Accept": accept}))) == "LONG:accept"


def test_queries_are_not_remembered() -> None:
    policy = TimeoutPolicy()
    for number in range(10):
        policy.request_received(request("GET", f"/api/chat?token={number}"))
    assert policy._remembered.cache_info().currsize == 1


def test_parts_of_a_file_are_one_whatever_else_is_said() -> None:
    policy = TimeoutPolicy()
    fields = {"Content-Type": "multipart/byteranges; boundary=x", "X-Accel-Buffering": "yes"}
    assert word(policy.response_received(request(), response(200, fields), DEFAULT)) == "DOWNLOAD:content-type"
