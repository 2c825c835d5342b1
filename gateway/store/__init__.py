"""The database behind the sessions: what is kept, how it gets there, and whose it is."""
