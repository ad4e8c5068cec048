"""The words that a project may use, as data: records and their fields, channels and their options, plans, settings."""
