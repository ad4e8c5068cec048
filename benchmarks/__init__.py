"""Benchmarks: the speed of the engine beside hand-written set SQL, in one table (`make bench`)."""
