"""Runs the router and kills it, as kill -9 does, at a step of an issuance: ``killed_router.py STEP WORDS...``.

Without a step (``-``) it runs on.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from twisted.logger import ILogObserver, globalLogPublisher
from zope.interface import implementer

if TYPE_CHECKING:
    from twisted.logger import LogEvent

STEP, *WORDS = sys.argv[1:]


@implementer(ILogObserver)
def kill(event: LogEvent) -> None:
    """End, if this is the step."""
    if event.get("kind") == "certificate-step" and event["step"] == STEP:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    globalLogPublisher.addObserver(kill)
    from webproxy.router.command import main

    main(["run", *WORDS], prog_name="webproxy-router")
