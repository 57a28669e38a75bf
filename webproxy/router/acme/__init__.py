"""Certificates that the router gets by itself, from an authority that speaks ACME (RFC 8555)."""
