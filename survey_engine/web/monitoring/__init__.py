"""Pages for operators and their machines."""
