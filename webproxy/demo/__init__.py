"""The demo service: something to put behind webproxy when nothing else is there yet."""
