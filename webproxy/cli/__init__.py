"""The ``webproxy`` command."""
