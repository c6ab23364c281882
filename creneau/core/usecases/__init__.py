"""The story of each promise, a function a step, inside a transaction that the caller opened."""
