"""REST and WebSocket interfaces over the services that the runtime hands in."""
