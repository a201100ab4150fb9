"""Makes a small real vosk model from nothing: for tests, simulation and the demo only."""
