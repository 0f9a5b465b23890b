"""Logs, metrics and traces for the other packages."""
