"""File formats of exports. Each module has `write(folder, table, watch)`; the files are named after `responses`.

A new format is a module here and a line in FORMATS (`datasets/__init__.py`).
"""
