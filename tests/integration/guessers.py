"""Two hundred strangers who guess passwords, each from an address of its own; a program, for they take a processor.

``python guessers.py PORT SECONDS``: guesses until then, and writes how often each status came, as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
from base64 import b64encode
from collections import Counter
from time import monotonic

GUESSERS = 200
PAUSE = 0.25
"""Seconds between two guesses of one of them; what a guess costs is its own time, too."""


def address(number: int) -> str:
    """Where a guesser comes from: all of 127/8 is this machine."""
    return f"127.77.{number // 100}.{number % 100 + 1}"


async def guess(port: int, number: int, until: float, seen: Counter[int]) -> None:
    """Guess, on one connection after the other."""
    guesses = itertools.count()
    while monotonic() < until:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address(number), 0))
            while monotonic() < until:
                login = b64encode(f"anna:guess {number} {next(guesses)}".encode())
                writer.write(b"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic " + login + b"\r\n\r\n")
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
                seen[int(head[9:12])] += 1
                length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
                await reader.readexactly(int(length.partition(b":")[2]))
                await asyncio.sleep(PAUSE)
            writer.close()
        await asyncio.sleep(PAUSE)


async def main(port: int, seconds: float) -> None:
    """Let all of them guess."""
    seen: Counter[int] = Counter()
    until = monotonic() + seconds
    await asyncio.gather(*(guess(port, number, until, seen) for number in range(GUESSERS)))
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
