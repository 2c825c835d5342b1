"""What the neural models cost: each engine by itself, and behind Triton, in one run."""
