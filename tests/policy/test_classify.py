"""Real exchanges get the class that fits (the rows of exchanges.txt); rejections and waits are told as they are."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from webproxy.policy import Policy, RequestHead, ResponseHead, Ticket, TrafficClass, Verdict, Wait, reject
from webproxy.policy.chain import Chain
from webproxy.policy.classify import classify
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.policy.written import written_request, written_response

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

ROW = re.compile(
    r"(?P<method>[A-Z]+) +(?P<target>/\S*|\*)(?: \{(?P<fields>[^}]*)\})?"
    r"(?: (?P<status>[1-5]\d\d)(?: \{(?P<answer>[^}]*)\})?)?"
    r" +=> (?P<asked>[A-Z]+)(?: > (?P<answered>[A-Z]+))? (?P<why>[a-z0-9-]+)(?P<gpu> \+gpu)?",
)


def rows() -> list[ParameterSet]:
    lines = Path(__file__).with_name("exchanges.txt").read_text().splitlines()
    return [pytest.param(line, id=line.partition(" =>")[0]) for line in lines if line and not line.startswith("#")]


def pairs(text: str | None) -> list[tuple[str, str]]:
    fields = [field.partition(": ") for field in (text or "").split(" | ") if field]
    return [(name, value) for name, _, value in fields]


def test_there_are_enough_rows() -> None:
    assert len(rows()) >= 200


@pytest.mark.parametrize("row", rows())
def test_exchange(row: str) -> None:
    read = ROW.fullmatch(row)
    assert read, "not a row"
    request = written_request(read["method"], read["target"], pairs(read["fields"]))
    response = None
    if read["status"]:
        response = written_response(read["method"], int(read["status"]), pairs(read["answer"]))
    asked, answered = classify(Chain([TimeoutPolicy()]), request, response)
    last = answered or asked
    endpoint = RequestHead(request).endpoint
    gpu = endpoint is not None and endpoint.generation
    assert (asked.traffic_class, answered and answered.traffic_class, last.why, gpu) == (
        read["asked"],
        read["answered"],
        read["why"],
        bool(read["gpu"]),
    )
    assert last.policy == "timeout"
    assert last.limit == {"DEFAULT": 60, "LONG": 600, "DOWNLOAD": 1800, "WEBSOCKET": math.inf}[last.traffic_class]


class Closed(Policy):
    name = "closed"

    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        return reject(403, "Not for you.") if request.path == "/closed" else None

    def response_received(self, request: RequestHead, response: ResponseHead, current: TrafficClass) -> Verdict | None:
        return reject(502, "Not that.") if response.status == 500 else None


def test_a_rejected_request_has_no_answer() -> None:
    chain = Chain([TimeoutPolicy(), Closed()])
    asked, answered = classify(chain, written_request("GET", "/closed"), written_response("GET", 200))
    assert answered is None
    assert asked.rejection is not None
    assert (asked.rejected_by, asked.rejection.status) == ("closed", 403)


def test_a_rejected_answer_is_told() -> None:
    chain = Chain([TimeoutPolicy(), Closed()])
    asked, answered = classify(chain, written_request("GET", "/"), written_response("GET", 500))
    assert asked.rejection is None
    assert answered is not None
    assert answered.rejection is not None
    assert (answered.rejected_by, answered.rejection.status) == ("closed", 502)


class Line(Policy):
    name = "line"

    def __init__(self) -> None:
        self.left: list[Ticket] = []

    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        return Wait(Ticket())

    def abandoned(self, ticket: Ticket) -> None:
        self.left.append(ticket)


def test_waiting_counts_as_going_on() -> None:
    line, also = Line(), Line()
    asked, _ = classify(Chain([line, also, TimeoutPolicy()]), written_request("GET", "/a.zip"))
    assert (asked.traffic_class, asked.why) == ("DOWNLOAD", "extension")
    assert [len(line.left), len(also.left)] == [1, 1]
