"""Where the processes that tests start find their modules: where the tests do, in the source tree or installed.

The folder that a process starts in comes before all of that where Python is told ``-c`` or ``-m``, and in twistd; so
tests run in a folder with nothing in it (``tests/conftest.py``), not in the source tree.
"""

from __future__ import annotations

import os
import sys

MODULES = os.pathsep.join(filter(None, sys.path))


def with_modules(**variables: str) -> dict[str, str]:
    """The variables of this process, these, and where it finds its modules."""
    return {**os.environ, "PYTHONPATH": MODULES, **variables}


def without_modules() -> dict[str, str]:
    """The variables of this process, without those that lend Python modules, or have a copy of them measured."""
    lending = {"PYTHONPATH", "PYTHONHOME", "COVERAGE_PROCESS_CONFIG"}
    return {name: value for name, value in os.environ.items() if name not in lending}
