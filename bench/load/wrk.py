"""wrk, Debian's load generator for small requests: how to call it and how to read what it prints."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.child import MeasurementError

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADS = str(Path(__file__).with_name("heads.lua"))
HERE = str(Path(__file__).with_name("here.lua"))
"""Makes wrk look for whatever host on this machine, so that it may name any in TLS."""
CONNECTIONS = 64
WARM_UP = 1
SAME_HEAD = ("-H", "User-Agent: curl/7.88.1", "-H", "Accept: */*")
VARIED_HEADS = ("-s", HEADS)
POST = ("-s", str(Path(__file__).with_name("post.lua")))
NEW_CONNECTIONS = (*SAME_HEAD, "-H", "Connection: close")

TOTAL = re.compile(r"(\d+) requests in ")
RATE = re.compile(r"Requests/sec: +([\d.]+)")
BAD = re.compile(r"(?:connect|read|write|timeout|Non-2xx or 3xx responses:) (\d+)")
TOLERATED = 1e-3  # share of requests that may fail


class Outcome(NamedTuple):
    requests: int
    per_second: float
    failed: int


def parse(printed: str) -> Outcome:
    """What wrk printed; ``MeasurementError`` when it is not a result, or when more requests failed than may."""
    total, rate = TOTAL.search(printed), RATE.search(printed)
    if not total or not rate:
        raise MeasurementError(f"wrk: {printed.strip()}")
    outcome = Outcome(int(total[1]), float(rate[1]), sum(map(int, BAD.findall(printed))))
    if not outcome.requests or outcome.failed > TOLERATED * outcome.requests:
        raise MeasurementError(f"wrk: {outcome.failed} requests failed beside {outcome.requests} answered")
    return outcome


def run(
    port: int, seconds: float, cpus: Sequence[int], options: Sequence[str], name: str = "", path: str = "/"
) -> Outcome:
    """Ask for ``path`` for some whole seconds on ``CONNECTIONS`` connections, on these CPUs.

    :param name: ask over TLS, for this name.
    """
    url = f"https://{name}:{port}{path}" if name else f"http://127.0.0.1:{port}{path}"
    argv = ["taskset", "--cpu-list", ",".join(map(str, cpus)), "wrk", "-t1", f"-c{CONNECTIONS}"]
    argv += [f"-d{max(1, round(seconds))}s", *options, url]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds + 30, check=False)
    return parse(done.stdout + done.stderr)
