"""A small world around a session's core in which everything may die: its speech, services, store and gateway."""
