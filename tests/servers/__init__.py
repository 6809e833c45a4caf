"""Real servers for tests, on loopback ports of their own, without root and without containers."""
