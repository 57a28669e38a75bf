"""The router's face: what it shows to its operator and to programs, and the commands that ask it."""
