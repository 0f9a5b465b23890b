"""File formats of exports. Each module has `write(folder, table, watch)`, which writes files named `responses.*`.

A new format is a module here and a line in FORMATS (`datasets/__init__.py`).
"""
