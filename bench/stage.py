"""Where measurements take place: the internal services, which live as long as the run, and one fresh proxy at a time.

The proxy has a CPU to itself; services and load share the others. A proxy is started anew for every measurement, so
that none inherits memory or connections from the one before.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench import certificate, login, procfs
from bench.child import Child, DisturbedError, MeasurementError, running
from bench.load import wrk
from bench.peers.table import NGINX
from bench.ports import free_port
from bench.rows.row import Scene
from bench.sample import DIRECT, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.peers.peer import Peer
    from bench.rows.row import Row

MODULES = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
"""Who is measured finds its modules where this process does: installed ones if it is, and those of the tree if not."""
SERVICES = ("answers", "bodies", "sockets")
RATE = 2000
PEAK = 3.0  # seconds
DESCRIPTORS = 65_536  # of 10,000 idle clients HAProxy wants more than 20,000
FAILURES = (MeasurementError, OSError, subprocess.SubprocessError)


def split_cpus(available: Sequence[int]) -> tuple[list[int], list[int]]:
    """The proxy's CPU, and those of services and load; one and the same where there is only one."""
    first, *others = sorted(available)
    return [first], others or [first]


class Stage:
    """Services that run; ``measure`` puts a proxy in front of them."""

    def __init__(self, services: dict[str, Child], directory: Path, seconds: float) -> None:
        self.services = services
        self.directory = directory
        self.seconds = seconds
        self.proxy_cpus, self.load_cpus = split_cpus(list(os.sched_getaffinity(0)))
        self._half: int | None = None

    @contextmanager
    def proxy(self, peer: Peer, internal: int, *, guarded: bool = False) -> Iterator[Child]:
        """The peer, freshly started, with a temporary directory to itself."""
        with tempfile.TemporaryDirectory(dir=self.directory, prefix=f"{peer.name}-") as directory:
            port = free_port()
            values = {"port": str(port), "internal": str(internal), "directory": directory}
            values["connections"] = str(min(20_000, int(resource.getrlimit(resource.RLIMIT_NOFILE)[0] * 0.47)))
            if guarded:
                values["users"] = str(login.write_users(Path(directory)))
            if peer.secure:
                certificate.write(Path(directory))
            argv = peer.argv(values)
            environment = {**peer.environment, **MODULES}
            where = Path(directory)
            with running(peer.name, argv, port, self.proxy_cpus, where, environment, secure=peer.secure) as child:
                yield child

    def rate(self) -> int:
        """Half of the small GETs that nginx answers in a second at most, found out once; ``RATE`` where it is not."""
        if self._half is None:
            self._half = RATE
            if NGINX.ask_version():
                with self.proxy(NGINX, self.services["answers"].port) as nginx:
                    self._half = round(wrk.run(nginx.port, PEAK, self.load_cpus, wrk.SAME_HEAD).per_second / 2)
        return self._half

    def measure(self, row: Row, peer: Peer | None, turn: int) -> Sample:
        """One sample; ``peer`` None is the direct way. What goes wrong is told in the sample."""
        service = self.services[row.upstream]
        name = peer.name if peer else DIRECT
        meter = OthersMeter(list(self.services.values()))
        try:
            rate = self.rate() if row.paced else 0
            with ExitStack() as stack:
                proxy = stack.enter_context(self.proxy(peer, service.port, guarded=row.guarded)) if peer else None
                port = proxy.port if proxy else service.port
                values = row.measure(Scene(port, proxy, self.seconds, self.load_cpus, rate))
                if proxy:
                    proxy.alive()
                service.alive()
        except DisturbedError as disturbance:
            return Sample(row.name, name, turn, disturbance=str(disturbance), others=meter.share())
        except FAILURES as failure:
            return Sample(row.name, name, turn, failure=str(failure) or repr(failure), others=meter.share())
        return Sample(row.name, name, turn, values, others=meter.share())


class OthersMeter:
    """How busy programs that are not the bench's kept the machine since this was made."""

    def __init__(self, services: list[Child]) -> None:
        self.services = services
        self.began = time.monotonic()
        self.before = self._others()

    def _others(self) -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours = time.process_time() + ended.ru_utime + ended.ru_stime
        return procfs.machine_busy_seconds() - ours - sum(service.cpu_seconds() for service in self.services)

    def share(self) -> float:
        """Their share of all CPUs, 0 to 1; asked when the proxy has ended, so that it counts as a child that did."""
        elapsed = time.monotonic() - self.began
        return max(0.0, (self._others() - self.before) / elapsed / (os.cpu_count() or 1))


@contextmanager
def stage(seconds: float) -> Iterator[Stage]:
    """Services started, this process on their CPUs, as many descriptors as we may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, DESCRIPTORS), max(most, DESCRIPTORS)))
    except ValueError:  # only root may have more
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    available = os.sched_getaffinity(0)
    _, load_cpus = split_cpus(list(available))
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        services: dict[str, Child] = {}
        for name in SERVICES:
            port = free_port()
            argv = [sys.executable, "-m", f"bench.upstream.{name}", str(port)]
            context = running(name, argv, port, load_cpus, directory, MODULES)
            services[name] = stack.enter_context(context)
        made = Stage(services, directory, seconds)
        os.sched_setaffinity(0, load_cpus)
        stack.callback(os.sched_setaffinity, 0, available)
        yield made
