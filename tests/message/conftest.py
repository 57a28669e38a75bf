"""Heads that are plain are read in one pass, others strictly; tests of heads run with every reader.

So nothing depends on which one it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.message.readers import READERS, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

READ_HEADS = {"test_head", "test_max_forwards", "test_origin", "test_parser", "test_rewrite"}


@pytest.fixture(scope="module", autouse=True)
def reader(request: pytest.FixtureRequest) -> Iterator[None]:
    """How heads are read in this module; as in production where a module does not ask."""
    how = getattr(request, "param", None)
    if how is None:
        yield
    else:
        with reading(how):
            yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests of heads once with each reader.

    pytest-twisted wraps a test of hypothesis' anew for each parameter, and the second finds the first: these stay as
    they are, and test_parser_readers compares the readers.
    """
    if metafunc.module.__name__.rpartition(".")[2] in READ_HEADS and not hasattr(metafunc.function, "hypothesis"):
        metafunc.parametrize("reader", READERS, indirect=True, scope="module")
