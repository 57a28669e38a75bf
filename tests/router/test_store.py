"""What is in the store survives; what is damaged is named."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.modules import with_modules
from webproxy.errors import StartError
from webproxy.router.rows import Name, Token
from webproxy.router.store import Store

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = Token("anna", b"digest", 3, 12000, 12999, 1.0, None, None)
NAME = Name("app-fox-chi", "anna", b"key", "10.0.0.7", 12345, 1.0, 100.0)

WRITER = """
import sys
from pathlib import Path
from webproxy.router.rows import Name
from webproxy.router.store import Store
store = Store(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 10**9):
    with store.transaction():
        store.put_name(Name(f"n{number}", "anna", b"%d" % number, "10.0.0.7", 1, 0.0, 0.0))
        store.put_name(Name(f"m{number}", "anna", b"%d" % number, "10.0.0.7", 2, 0.0, 0.0))
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "router.db"


def test_what_was_put_is_there_after_opening_anew(path: Path) -> None:
    store = Store(path)
    store.put_token(TOKEN)
    store.put_name(NAME)
    store.close()
    store = Store(path)
    assert (store.token(b"digest"), store.token(b"other"), store.tokens()) == (TOKEN, None, [TOKEN])
    assert (store.name("app-fox-chi"), store.name("other")) == (NAME, None)
    assert (store.name_of(b"key", 12345), store.name_of(b"key", 1)) == (NAME, None)
    assert (store.names(), store.names("anna"), store.names("bert")) == ([NAME], [NAME], [])
    assert (store.machine_tenant(b"key"), store.machine_tenant(b"other")) == ("anna", None)
    store.put_token(TOKEN._replace(revoked=5.0))
    store.renew({"app-fox-chi": 200.0, "nobody's": 1.0})
    assert store.tokens()[0].revoked == 5.0
    assert store.names()[0].until == 200.0
    store.drop_name("app-fox-chi")
    assert store.names() == []
    assert repr(store) == f"<Store {path}>"
    store.close()


def test_only_its_owner_may_read_it(path: Path) -> None:
    Store(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_port_of_a_machine_has_one_name(path: Path) -> None:
    store = Store(path)
    store.put_name(NAME)
    with pytest.raises(sqlite3.IntegrityError):
        store.put_name(NAME._replace(name="other-fox-chi"))
    store.close()


def put_and_fail(store: Store) -> None:
    store.put_name(NAME)
    raise ZeroDivisionError


def test_all_of_a_transaction_or_nothing(path: Path) -> None:
    store = Store(path)
    with pytest.raises(ZeroDivisionError), store.transaction():
        put_and_fail(store)
    assert store.names() == []
    store.close()


def test_what_another_process_changes_is_noticed(path: Path) -> None:
    store, other = Store(path), Store(path)
    before = store.version
    store.put_token(TOKEN)
    assert store.version == before, "its own changes are not news"
    other.put_name(NAME)
    assert store.version != before
    store.close()
    other.close()


@pytest.mark.parametrize("damage", [b"no database at all" * 100, None])
def test_a_damaged_file_is_named(path: Path, damage: bytes | None) -> None:
    store = Store(path)
    for number in range(200):
        store.put_name(NAME._replace(name=f"n{number}", port=number))
    store.close()
    if damage is None:  # pages in the middle are overwritten
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(3 * 4096))
    else:
        path.write_bytes(damage)
    with pytest.raises(StartError, match=r"router\.db is damaged or no store of ours"):
        Store(path)


def test_a_store_of_another_version(path: Path) -> None:
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StartError, match="its version is 99, and this program knows 1"):
        Store(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be opened: No such file"):
        Store(tmp_path / "none" / "router.db")


def killed_while_writing(path: Path, first: int, patience: float) -> int:
    """Let a process write until it is killed; gives the last number that it said was written."""
    environment = with_modules()
    command = [sys.executable, "-c", WRITER, str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        said = int(process.stdout.readline())
        time.sleep(patience)
        process.send_signal(signal.SIGKILL)
        return max([said, *(int(line) for line in process.stdout if line.endswith("\n"))])


def test_nothing_is_lost_that_was_promised_when_it_is_killed(path: Path) -> None:
    """Five times here; a thousand times in the tests of the system."""
    last = -1
    for patience in (0.0, 0.003, 0.01, 0.02, 0.05):
        last = killed_while_writing(path, last + 1, patience)
        store = Store(path)
        names = {name.name for name in store.names()}
        store.close()
        assert {f"{kind}{number}" for kind in "nm" for number in range(last + 1)} <= names
        assert len([name for name in names if name[0] == "n"]) == len([name for name in names if name[0] == "m"])
        last = len(names) // 2 - 1
