"""Versions as the last release stored them. Written anew with each release: `python -m tests.publication.releases`."""
