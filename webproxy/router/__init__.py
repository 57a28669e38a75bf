"""The router: public names, certificates and TLS in front of machines; it passes bytes on and knows no HTTP."""
