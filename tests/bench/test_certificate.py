"""The certificate of the bench, shown and taken."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import TYPE_CHECKING

from bench.certificate import CIPHER, client, dial, write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_client_shakes_hands_with_it_from_another_address(tmp_path: Path) -> None:
    write(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    sources: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            sock, address = listener.accept()
            sources.append(address[0])
            with context.wrap_socket(sock, server_side=True) as server:
                server.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        with dial(listener.getsockname()[1], client(), 7) as sock:
            assert (sock.cipher() or ("",))[0] == CIPHER
        thread.join()
    assert sources == ["127.0.7.8"]
