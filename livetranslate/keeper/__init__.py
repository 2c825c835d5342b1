"""The keeper: loads models into one Triton when they are needed, and unloads them to make room for others."""
