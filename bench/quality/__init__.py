"""How good the captions are, how early and how steady: measured as a client sees them."""
