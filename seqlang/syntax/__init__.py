"""Text to tree and back: `text.read_source`, `parse.parse`, `parse.parse_condition`, `printer.format_source`."""
