"""How an instance is put together, settings, and what listens for its clients."""
