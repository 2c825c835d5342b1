"""How many sessions a system carries: `python -m bench.capacity`."""
