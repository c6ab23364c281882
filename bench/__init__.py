"""Benchmarks: each a ratio against a baseline measured in the same run, the median of several rounds.

Machines differ and are noisy; a ratio of two medians taken turn by turn holds. `make bench` writes results.json.
"""
