"""PostgreSQL and its in-memory twin: the only room that holds SQL."""
