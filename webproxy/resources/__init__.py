"""The resource chain, and every answer that we make ourselves."""
