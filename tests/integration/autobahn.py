"""The Autobahn test suite's cases, which kosoku runs on Python 3, against aiohttp's WebSockets.

Rule of this file: the same cases three times, directly and through the proxy in both modes, each verdict beside the
others. Server, proxies and kosoku are processes of their own.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from tests.integration.programs import listening, proxied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ECHO = """
import sys
from aiohttp import WSMsgType, web

async def echo(request):
    connection = web.WebSocketResponse(max_msg_size=0, compress=True)
    await connection.prepare(request)
    async for message in connection:
        if message.type is WSMsgType.TEXT:
            await connection.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await connection.send_bytes(message.data)
    return connection

application = web.Application()
application.router.add_get("/", echo)
web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
"""

CASES = """
import asyncio, json, os, sys
from kosoku import FailureError, run_fuzzingclient

async def main(url, cases, left_out):
    try:
        return await run_fuzzingclient(url, cases=cases or None, exclude_cases=left_out or None, concurrency=4)
    except FailureError as error:
        return error.results

found = asyncio.run(main(sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])))
print(json.dumps({case.case_id: [case.behavior.value, case.behavior_close.value] for case in found}), flush=True)
os._exit(0)
"""
"""They end at once: kosoku's threads now and then abort a Python that finishes while they do."""

PASSED = {"OK", "NON-STRICT"}
"""In sections 3 and 4 it is chance which of the two a case gets: an echo and a failure are on their way together."""

RANK = ("OK", "INFORMATIONAL", "UNIMPLEMENTED", "UNCLEAN", "WRONG CODE", "FAILED", "FAILED BY CLIENT")


class Verdicts(NamedTuple):
    """What the suite says, by case: of the messages, and of the close.

    :ivar direct: of the echo server itself.
    :ivar tunnel: of the same behind the proxy.
    :ivar frames: and in frames mode.
    """

    direct: Mapping[str, Sequence[str]]
    tunnel: Mapping[str, Sequence[str]]
    frames: Mapping[str, Sequence[str]]

    def worse(self, through: Mapping[str, Sequence[str]]) -> dict[str, tuple[object, object]]:
        """Which cases came out worse through a proxy than directly."""
        return {
            case: (verdict, through.get(case))
            for case, verdict in self.direct.items()
            if case not in through or any(_rank(a) > _rank(b) for a, b in zip(through[case], verdict, strict=True))
        }


def _rank(verdict: str) -> int:
    if verdict in PASSED:
        return 0
    return RANK.index(verdict) if verdict in RANK else len(RANK)


def verdicts(cases: Sequence[str] = (), left_out: Sequence[str] = (), patience: float = 120.0) -> Verdicts:
    """Run cases in all three ways.

    :param cases: patterns such as ``9.*``; all, if there is none.
    :param left_out: patterns of those not to run.
    :param patience: seconds for each way.
    """
    with contextlib.ExitStack() as programs:
        service = programs.enter_context(listening("-c", ECHO))
        behind = [programs.enter_context(proxied(service, "--websocket", mode)) for mode in ("tunnel", "frames")]
        return Verdicts(*(_cases(port, cases, left_out, patience) for port in (service, *behind)))


def _cases(port: int, cases: Sequence[str], left_out: Sequence[str], patience: float) -> dict[str, list[str]]:
    words = (f"ws://127.0.0.1:{port}", json.dumps(cases), json.dumps(left_out))
    ran = subprocess.run(
        [sys.executable, "-c", CASES, *words], capture_output=True, text=True, timeout=patience, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, list[str]] = json.loads(ran.stdout)
    return found
