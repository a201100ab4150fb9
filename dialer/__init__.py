"""Call life cycle, agents, dial protocol and recovery: the engine."""
