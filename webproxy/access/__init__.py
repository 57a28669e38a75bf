"""Who may come in: credentials, sessions, origins and throttling, as decisions from values to values."""
