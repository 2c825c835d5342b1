"""What the models in `model_repository/` share: Triton's requests as plain values, batches, weights, devices.

It runs inside Triton's Python backend and needs numpy alone. A model that uses it is glue of some twenty lines.
"""
