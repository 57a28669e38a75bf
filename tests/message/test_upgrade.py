"""WebSocket is the one upgrade there is: RFC 6455 §4.2.1, RFC 9110 §7.8."""

from __future__ import annotations

import pytest

from webproxy.message.fields import Fields
from webproxy.message.framing import CHUNKED
from webproxy.message.upgrade import asks_websocket


def upgrade(protocols: bytes = b"websocket", connection: bytes = b"Upgrade") -> Fields:
    return Fields([(b"Upgrade", protocols), (b"Connection", connection)])


@pytest.mark.parametrize(
    "fields",
    [
        upgrade(),
        upgrade(b"WebSocket", b"keep-alive, UPGRADE"),
        upgrade(b"h2c, websocket"),
        Fields([(b"Connection", b"keep-alive"), (b"Upgrade", b"websocket"), (b"Connection", b"upgrade")]),
    ],
)
def test_a_get_that_names_websocket_asks_for_it(fields: Fields) -> None:
    assert asks_websocket(b"GET", 1, fields, 0)


@pytest.mark.parametrize(
    ("method", "minor", "fields", "body"),
    [
        pytest.param(b"GET", 1, Fields(), 0, id="no Upgrade"),
        pytest.param(b"GET", 1, upgrade(b"h2c"), 0, id="another protocol"),
        pytest.param(b"GET", 1, upgrade(b"websocket2"), 0, id="a protocol that begins alike"),
        pytest.param(b"GET", 1, upgrade(connection=b"keep-alive"), 0, id="Connection does not say so"),
        pytest.param(b"GET", 1, Fields([(b"Upgrade", b"websocket")]), 0, id="no Connection"),
        pytest.param(b"POST", 1, upgrade(), 0, id="not GET"),
        pytest.param(b"GET", 0, upgrade(), 0, id="HTTP/1.0"),
        pytest.param(b"GET", 1, upgrade(), 5, id="with a body"),
        pytest.param(b"GET", 1, upgrade(), CHUNKED, id="with a chunked body"),
    ],
)
def test_anything_else_does_not(method: bytes, minor: int, fields: Fields, body: int) -> None:
    assert not asks_websocket(method, minor, fields, body)
