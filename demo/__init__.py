"""Sample data and the demonstration."""
