"""The heart: a plan interpreted as sets of SQL; one file an operation."""
