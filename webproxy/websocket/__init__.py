"""What becomes of a connection after its upgrade: a tunnel of bytes, or a bridge of frames."""
