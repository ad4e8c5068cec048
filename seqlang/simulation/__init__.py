"""The same engine on a store in memory with a clock of its own: for `simulate`, `test` and the forecast."""
