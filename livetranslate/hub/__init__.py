"""Fetches weights from a hub: what there is, how a file comes whole, how files become weights that an engine loads."""
