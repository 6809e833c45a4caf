"""The tests: they mirror the source paths; ``servers/`` starts real servers, ``data/`` is what they read."""
