"""Weights made here: of true dimensions with random values, or small ones that are arranged to give known answers."""
