"""The stores in memory: the twin of `storage.postgres` for tests and simulation."""
