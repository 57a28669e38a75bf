"""The pool of pipes: what is lent, what is kept, what happens when there are none."""

from __future__ import annotations

import errno
import os
import resource
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.net import pipe_pool
from webproxy.net.carriers import Copy, Pipe
from webproxy.net.pipe_pool import PipePool

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pool() -> Iterator[PipePool]:
    before = descriptors()
    pool = PipePool(3)
    yield pool
    pool.close()
    assert descriptors() == before, "descriptors leak"


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Every descriptor is taken."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_pipe_comes_back_and_is_lent_again(pool: PipePool) -> None:
    pipe = pool.take()
    assert isinstance(pipe, Pipe)
    assert repr(pool) == "<PipePool lent=1 resting=0>"
    pool.give_back(pipe)
    assert pool.take() is pipe
    pool.give_back(pipe)


def test_beyond_the_bound_there_is_a_copy(pool: PipePool) -> None:
    lent = [pool.take() for _ in range(5)]
    assert [type(carrier) for carrier in lent] == [Pipe, Pipe, Pipe, Copy, Copy]
    for carrier in lent:
        pool.give_back(carrier)
    assert pool.lent == 0
    again = pool.take()
    assert isinstance(again, Pipe)
    pool.give_back(again)


def test_a_pipe_with_bytes_in_it_is_never_lent_again(pool: PipePool) -> None:
    pipe = pool.take()
    one, other = socket.socketpair()
    with one, other:
        one.send(b"secret")
        assert pipe.fill(other.fileno(), 100) == 6
    pool.give_back(pipe)
    assert repr(pool) == "<PipePool lent=0 resting=0>"


def test_few_pipes_rest(pool: PipePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipe_pool, "RESTING", 1)
    lent = [pool.take(), pool.take()]
    for carrier in lent:
        pool.give_back(carrier)
    assert repr(pool) == "<PipePool lent=0 resting=1>"


def test_without_descriptors_there_is_a_copy_and_later_a_pipe(pool: PipePool) -> None:
    with no_descriptors():
        assert isinstance(pool.take(), Copy)
    pipe = pool.take()
    assert isinstance(pipe, Pipe)
    pool.give_back(pipe)


def test_small_pipes_are_not_used(pool: PipePool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's 64 MiB are used up (pipe(7))."""

    def refuse(self: Pipe, size: int) -> None:
        raise PermissionError(errno.EPERM, "not so many")

    monkeypatch.setattr(Pipe, "enlarge", refuse)
    assert isinstance(pool.take(), Copy)


@pytest.mark.parametrize("how", ["absent", "forbidden"])
def test_without_splice_everything_is_copied(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: Any, **__: Any) -> int:
        raise OSError(errno.ENOSYS, "not here")

    if how == "absent":
        monkeypatch.delattr(os, "splice")
    else:
        monkeypatch.setattr(os, "splice", forbid)
    assert isinstance(PipePool().take(), Copy)


def test_a_closed_pool_lends_no_pipes_and_closes_what_comes_back(pool: PipePool) -> None:
    pipe = pool.take()
    pool.close()
    pool.give_back(pipe)
    assert isinstance(pool.take(), Copy)
