"""Examinations of an installation, with the remedy of each fault. A new examination is a line in `examination.py`."""
