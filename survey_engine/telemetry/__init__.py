"""Logs, metrics and traces, as the other packages use them."""
