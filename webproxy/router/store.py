"""The store: tenants' tokens and names, on disk, in SQLite.

Rule of this file: SQL stands here alone, and every change is a transaction that is on disk when it returns (WAL,
synchronous=FULL), so that what was promised survives the process and the machine being killed. Nothing decides here;
``registry`` does. Several processes may open the same file: the router, and the commands beside it.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from webproxy.errors import StartError
from webproxy.router.rows import Name, Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

VERSION = 1
BUSY = 5.0
"""Seconds that a change waits for another process's."""

_SCHEMA = """
CREATE TABLE tokens (
    tenant TEXT NOT NULL,
    digest BLOB PRIMARY KEY,
    quota INTEGER NOT NULL,
    first_port INTEGER NOT NULL,
    last_port INTEGER NOT NULL,
    created REAL NOT NULL,
    expires REAL,
    revoked REAL
) STRICT, WITHOUT ROWID;
CREATE TABLE names (
    name TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    machine BLOB NOT NULL,
    address TEXT NOT NULL,
    port INTEGER NOT NULL,
    created REAL NOT NULL,
    until REAL NOT NULL,
    blocked TEXT NOT NULL DEFAULT '',
    UNIQUE (machine, port)
) STRICT, WITHOUT ROWID;
CREATE INDEX names_of_tenants ON names (tenant);
"""


class Store:
    """What the router must not forget. States: open, closed.

    :param path: of the file; made if it is not there, readable for its owner alone.
    :raises StartError: it is no such file, is damaged, or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
            self._open()
        except OSError as error:
            raise StartError(f"the store {path} cannot be opened: {error.strerror}") from error
        except sqlite3.Error as error:
            raise StartError(
                f"the store {path} is damaged or no store of ours: {error}",
                "put a backup in its place, or move it away to begin anew (machines keep their keys, names are lost)",
            ) from error

    def __repr__(self) -> str:
        return f"<Store {self.path}>"

    def _open(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        (told,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if told != "ok":
            raise sqlite3.DatabaseError(told)
        with self.transaction():
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {VERSION}")
            elif version != VERSION:
                raise sqlite3.DatabaseError(f"its version is {version}, and this program knows {VERSION}")

    def close(self) -> None:
        """Close it."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Change several things at once, or nothing; nobody else changes anything meanwhile."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @property
    def version(self) -> int:
        """A number that changes when another process has changed something."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(version)

    # Tokens

    def token(self, digest: bytes) -> Token | None:
        """Find a token."""
        row = self._db.execute("SELECT * FROM tokens WHERE digest = ?", (digest,)).fetchone()
        return Token(*row) if row else None

    def tokens(self) -> list[Token]:
        """Give all of them, by tenant and age."""
        return [Token(*row) for row in self._db.execute("SELECT * FROM tokens ORDER BY tenant, created")]

    def put_token(self, token: Token) -> None:
        """Keep a token, in place of one with the same digest."""
        self._db.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)", token)

    # Names

    def name(self, name: str) -> Name | None:
        """Find a name."""
        return self._one("SELECT * FROM names WHERE name = ?", name)

    def name_of(self, machine: bytes, port: int) -> Name | None:
        """Find the name of a machine's port."""
        return self._one("SELECT * FROM names WHERE machine = ? AND port = ?", machine, port)

    def names(self, tenant: str = "") -> list[Name]:
        """Give all names, or a tenant's."""
        where, values = ("WHERE tenant = ?", (tenant,)) if tenant else ("", ())
        return [_name(row) for row in self._db.execute(f"SELECT * FROM names {where} ORDER BY name", values)]  # noqa: S608

    def machine_tenant(self, machine: bytes) -> str | None:
        """Give whose machine this is; ``None`` for one that has no name."""
        row = self._db.execute("SELECT tenant FROM names WHERE machine = ? LIMIT 1", (machine,)).fetchone()
        return str(row[0]) if row else None

    def put_name(self, name: Name) -> None:
        """Keep a name.

        :raises sqlite3.IntegrityError: the machine's port has another.
        """
        self._db.execute(
            "INSERT INTO names VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " tenant = excluded.tenant, machine = excluded.machine, address = excluded.address, port = excluded.port,"
            " created = excluded.created, until = excluded.until, blocked = excluded.blocked",
            name,
        )

    def drop_name(self, name: str) -> None:
        """Forget a name."""
        self._db.execute("DELETE FROM names WHERE name = ?", (name,))

    def forget(self, before: float) -> int:
        """Forget names whose leases ended before, unless they are switched off; how many."""
        return self._db.execute("DELETE FROM names WHERE until < ? AND blocked = ''", (before,)).rowcount

    def renew(self, leases: Mapping[str, float]) -> None:
        """Write down until when leases last."""
        with self.transaction():
            self._db.executemany(
                "UPDATE names SET until = ? WHERE name = ?", [(until, name) for name, until in leases.items()]
            )

    def _one(self, query: str, *values: object) -> Name | None:
        row = self._db.execute(query, values).fetchone()
        return _name(row) if row else None


def _name(row: tuple[object, ...]) -> Name:
    return Name(*row)  # type: ignore[arg-type]
