"""The demo service: something to put behind webproxy when nothing else is there yet.

A twisted.web site that sends and takes what GPU services send and take (token streams, long downloads, uploads,
WebSocket messages), and one web page that shows it live. It stands behind the proxy: it knows nothing of it.
"""
