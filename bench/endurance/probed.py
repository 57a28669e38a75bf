"""A program of ours with an ear inside: ``python -m bench.endurance.probed FILE webproxy --port 12345 ...``.

It is started as ``twistd -n`` starts it. Every few seconds a line of JSON goes to FILE: how many objects the collector
knows, how many of them are timers, and of which types there are most. Nothing is collected for that, so what the
program leaves lying about is seen lying about.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from twisted.scripts.twistd import run

EVERY = 5.0
MOST = 60
TIMERS = ("DelayedCall", "TimerHandle")


def counted(objects: list[Any]) -> dict[str, Any]:
    """What there is of these objects."""
    types = Counter(type(one).__qualname__ for one in objects)
    return {
        "objects": len(objects),
        "timers": sum(types[name] for name in TIMERS),
        "types": dict(types.most_common(MOST)),
    }


def tell(file: Path) -> None:
    """One line more; called where the program's own calls are made, so that nothing changes meanwhile."""
    line = {"at": time.monotonic(), **counted(gc.get_objects())}
    with file.open("a") as lines:
        lines.write(json.dumps(line) + "\n")


def listen_in(file: Path, enough: threading.Event, every: float = EVERY) -> None:
    """Tell again and again, until it is enough."""
    while not enough.wait(every):
        reactor: Any = sys.modules.get("twisted.internet.reactor")  # it is the program that chooses and installs one
        if reactor is not None:
            reactor.callFromThread(tell, file)


def main(file: Path, words: list[str]) -> None:
    threading.Thread(target=listen_in, args=(file, threading.Event()), daemon=True).start()
    sys.argv = ["twistd", "--nodaemon", "--pidfile=", *words]
    run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
