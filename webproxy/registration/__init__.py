"""How a machine gets its public name: it registers its port with the router, and keeps the lease of it."""
