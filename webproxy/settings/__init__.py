"""Frozen settings, and the way from options, environment and files to them; every error has an address."""
