"""Helpers shared by commands: the installation, output folders, catalogues."""
