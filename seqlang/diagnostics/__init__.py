"""What an author did wrong, where, and what to do: sources, spans, diagnostics and their faces."""
