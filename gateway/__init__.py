"""The door: one stream per session, its results stored as they become final."""
