"""Syntax trees of a whole project to a checked model: names, types, options, kinds, and what can be proven of them."""
