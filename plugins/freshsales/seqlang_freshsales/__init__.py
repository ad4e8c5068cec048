"""The plans of Freshsales: data alone."""
