"""A machine has one key, which nobody else reads and no crash halves."""

from __future__ import annotations

import base64
import threading
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from webproxy.errors import StartError
from webproxy.registration.machine_key import NAME, machine_key

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "webproxy"
    first = machine_key(folder)
    assert machine_key(folder).public == first.public
    assert [path.name for path in folder.iterdir()] == [NAME]
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_it_signs_is_verified_with_its_public_half(tmp_path: Path) -> None:
    key = machine_key(tmp_path)
    public, signature = (base64.urlsafe_b64decode(text + "==") for text in (key.public, key.sign(b"nonce")))
    assert len(public) == 32
    Ed25519PublicKey.from_public_bytes(public).verify(signature, b"nonce")


def test_those_that_start_at_the_same_moment_agree_on_one(tmp_path: Path) -> None:
    seen: list[str] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        seen.append(machine_key(tmp_path).public)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_one_that_others_may_read_is_refused(tmp_path: Path) -> None:
    machine_key(tmp_path)
    (tmp_path / NAME).chmod(0o640)
    with pytest.raises(StartError, match=rf"others may read .*{NAME}; chmod 600"):
        machine_key(tmp_path)


@pytest.mark.parametrize("kind", ["nothing", "noise", "another kind"])
def test_what_is_no_such_key_is_never_replaced(tmp_path: Path, kind: str) -> None:
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    data = {"nothing": b"", "noise": b"\xff" * 100, "another kind": other}[kind]
    path = tmp_path / NAME
    path.touch(0o600)
    path.write_bytes(data)
    with pytest.raises(StartError, match="holds no Ed25519 key; bring back the file"):
        machine_key(tmp_path)
    assert path.read_bytes() == data


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match=r"cannot be kept in .*/file/state: Not a directory; give a folder"):
        machine_key(tmp_path / "file" / "state")
