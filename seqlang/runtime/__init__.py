"""The tick, what falls due, the life of a flow, and the loop."""
