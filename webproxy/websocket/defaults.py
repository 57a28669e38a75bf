"""What autobahn's protocol would set on every connection, once for all of them.

Rule of this file: constants. autobahn copies some forty options and counters to each protocol, 5 KiB of them, most of
which never change here; a test compares these names with autobahn's own.
"""

from __future__ import annotations

from typing import Any

from autobahn.websocket.protocol import TrafficStats, WebSocketProtocol

from webproxy.websocket.quiet import Quiet


class Defaults:
    """The state of a connection whose opening handshake is over."""

    log = Quiet()
    peer = ""

    # Options
    logOctets = logFrames = trackTimings = False
    utf8validateIncoming = True
    applyMask = True
    maxFramePayloadSize = maxMessagePayloadSize = 0  # the limits are ours: `hearing`
    autoFragmentSize = 0
    failByDrop = True  # so that nothing is read behind what broke the rules
    echoCloseCodeReason = False
    tcpNoDelay = True
    openHandshakeTimeout = closeHandshakeTimeout = serverConnectionDropTimeout = 0
    autoPingInterval = autoPingTimeout = autoPingSize = 0
    autoPingRestartOnAnyTraffic = False
    version = websocket_version = 13
    requireMaskedClientFrames = maskClientFrames = True
    maskServerFrames = acceptMaskedServerFrames = False

    # State
    state = WebSocketProtocol.STATE_OPEN
    send_state = WebSocketProtocol.SEND_STATE_GROUND
    data = b""
    current_frame: Any = None
    current_frame_masker: Any = None
    inside_message = False
    message_data_total_length = 0
    utf8validateIncomingCurrentMessage = False
    utf8validateLast = (True, True, 0, 0)
    trafficStats = TrafficStats()
    trackedTimings = None
    triggered = False
    send_queue = ()
    failedByMe = closedByMe = droppedByMe = wasClean = False
    wasMaxFramePayloadSizeExceeded = wasMaxMessagePayloadSizeExceeded = False
    wasServerConnectionDropTimeout = wasOpenHandshakeTimeout = wasCloseHandshakeTimeout = False
    wasServingFlashSocketPolicyFile = False
    wasNotCleanReason = None
    localCloseCode = localCloseReason = remoteCloseCode = remoteCloseReason = None
    serverConnectionDropTimeoutCall = openHandshakeTimeoutCall = closeHandshakeTimeoutCall = None
    autoPingTimeoutCall = autoPingPending = autoPingPendingCall = autoPingPendingSent = None
    autoPingPendingSeq = 0
