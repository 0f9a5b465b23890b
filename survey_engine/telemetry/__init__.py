"""Logs, metrics and traces, as the other packages call them."""
