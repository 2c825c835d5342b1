"""Speech synthesis: texts of a session in, their speech out while it is being produced."""
