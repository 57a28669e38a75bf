"""Our router, with names whose machine is the internal service: ``... -m bench.peers.router PORT INTERNAL FOLDER``,
and behind that how many names, if not ten.

Registering is left out: a machine's lease is written into the store as the router itself would, and the router started
as its users start it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from bench.certificate import DOMAIN, LABELS, label
from bench.ports import free_port
from webproxy.router.rows import Name
from webproxy.router.state import STORE
from webproxy.router.store import Store

TWISTD = str(Path(sys.executable).with_name("twistd"))


def words(port: int, folder: Path, control: int) -> list[str]:
    """The router's command line."""
    return [
        *(TWISTD, "-n", "--pidfile=", "webproxy-router", "--domain", DOMAIN, "--listen", "127.0.0.1"),
        *("--certificate", str(folder / "cert.pem"), "--key", str(folder / "key.pem")),
        *("--machines", "127.0.0.1/32", "--state", str(folder / "state"), "--drain", "0s"),
        *("--port", str(port), "--http-port", "none", "--control-port", str(control)),
    ]


def promise(folder: Path, internal: int, count: int = len(LABELS)) -> None:
    """Write so many leases that outlast every measurement."""
    (folder / "state").mkdir(mode=0o700)
    store = Store(folder / "state" / STORE)
    now = time.time()
    with store.transaction():
        for number in range(count):
            machine = number.to_bytes(32, "big")
            store.put_name(Name(label(number), "bench", machine, "127.0.0.1", internal, now, now + 1e6))
    store.close()


def main(port: int, internal: int, folder: Path, count: int = len(LABELS)) -> None:
    promise(folder, internal, count)
    os.execv(TWISTD, words(port, folder, free_port()))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:]))
