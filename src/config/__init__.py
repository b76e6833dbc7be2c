"""Settings, URLs, entry points and the `sen` command: how the house is put together and run."""
