"""Machine translation: segments of a session in, their translations into its targets out."""
