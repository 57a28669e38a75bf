"""The authoritative DNS server of the delegated zone: what proves to an authority that the domain is ours."""
