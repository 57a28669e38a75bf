"""Sockets, transports and deadlines; no HTTP."""
