"""The rows, in the order in which they run and in which tables show them."""

from __future__ import annotations

from bench.rows.auth import AUTH
from bench.rows.auth_cost import AUTH_COST
from bench.rows.bodies import CHUNKED_8K, CHUNKED_64K, DOWNLOAD, DOWNLOAD_SLOW, UPLOAD, UPLOAD_SLOW
from bench.rows.busy import BUSY
from bench.rows.event_streams import NDJSON, SSE, SSE_100
from bench.rows.idle_clients import IDLE_CLIENTS
from bench.rows.latency import LATENCY
from bench.rows.observe import OBSERVE
from bench.rows.policies import POLICIES
from bench.rows.router import ROUTER_ROWS
from bench.rows.small_get import JSON_64K, NEW_CONNECTIONS, POST_10K, SMALL_GET, SMALL_GET_VARIED
from bench.rows.sockets import SOCKET_ROWS

ROWS = {
    row.name: row
    for row in (
        SMALL_GET,
        SMALL_GET_VARIED,
        NEW_CONNECTIONS,
        JSON_64K,
        POST_10K,
        AUTH,
        LATENCY,
        SSE,
        SSE_100,
        NDJSON,
        DOWNLOAD,
        UPLOAD,
        CHUNKED_64K,
        CHUNKED_8K,
        BUSY,
        DOWNLOAD_SLOW,
        UPLOAD_SLOW,
        IDLE_CLIENTS,
        *SOCKET_ROWS,
        *ROUTER_ROWS,
        POLICIES,
        AUTH_COST,
        OBSERVE,
    )
}
