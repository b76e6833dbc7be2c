"""Pages of the gradebook: read the address, ask one query or service, answer."""
