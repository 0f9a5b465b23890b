"""Capacity of an installation: costs measured on this machine, and the resources for a national fieldwork."""
