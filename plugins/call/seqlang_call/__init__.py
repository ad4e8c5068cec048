"""Calls on a to-do list; the core makes and keeps to-dos, so there is no code here."""
