"""What this run of the tests judges: webproxy as source or compiled (``setup.py``), on uvloop or on Twisted's reactor.

``WEBPROXY_TEST_COMPILED=1`` says that it has to be compiled: ``tests/conftest.py`` ends the run where it is not.
``WEBPROXY_TEST_REACTOR`` names the reactor. `make test` has two runs: source on uvloop, and compiled on epoll.
"""

from __future__ import annotations

import os

import pytest

from webproxy.downstream import channel

COMPILED = not channel.__file__.endswith(".py")
REACTOR = os.environ.get("WEBPROXY_TEST_REACTOR", "uvloop")

puts_in_a_method = pytest.mark.skipif(
    COMPILED, reason="puts a wrong method in the place of ours, past which compiled code calls"
)
once = pytest.mark.skipif(REACTOR == "epoll", reason="these processes choose their reactors themselves")
once_each = pytest.mark.skipif(
    REACTOR == "epoll" and not COMPILED, reason="these processes choose their reactors themselves, in either build"
)
