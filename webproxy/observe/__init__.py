"""Access log and banner: tells what happens, never changes traffic."""
