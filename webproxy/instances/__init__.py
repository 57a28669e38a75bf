"""The instances of a machine: their files, ports and units, and how they are. No running proxy imports this."""
