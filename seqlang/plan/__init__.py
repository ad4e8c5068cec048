"""The execution plan: what a flow does, resolved and typed, named by the hash of its canonical text."""
