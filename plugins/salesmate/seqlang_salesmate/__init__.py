"""The plans of Salesmate: data alone."""
