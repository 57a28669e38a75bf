"""Noise on the name server's sockets; tests/system has it for longer, on a router of its own."""

from __future__ import annotations

import time
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.dns_noise import over_tcp, over_udp
from tests.integration.test_dns import serving

if TYPE_CHECKING:
    from pathlib import Path

    from twisted.logger import LogEvent

SECONDS = 1.5


@pytest_twisted.ensureDeferred
async def test_noise_is_answered_soundly_or_not_at_all(reactor: Any, tmp_path: Path, logged: list[LogEvent]) -> None:
    seed = SystemRandom().randrange(1 << 48)
    async with serving(reactor, tmp_path) as (_, served):
        for noise in (over_udp, over_tcp):
            tally = await deferToThread(noise, served.port, Random(seed), SECONDS)
            assert tally.answered > 20, seed
            assert tally.sent > tally.answered
        streams = served._streams
        deadline = time.monotonic() + 20
        while streams.open:
            assert time.monotonic() < deadline
            await deferToThread(time.sleep, 0.05)
        assert not streams._by_address
    assert not [event for event in logged if "log_failure" in event], seed
