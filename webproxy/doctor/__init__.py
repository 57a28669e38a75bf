"""The doctor: what stands between a service and its users, in plain words, with the command that mends it."""
