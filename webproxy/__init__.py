"""webproxy: give a service on an internal port a public, protected address."""
