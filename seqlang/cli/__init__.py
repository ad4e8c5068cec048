"""The command line: parses, calls one use case of `app`, prints; nothing is decided here."""
