"""Launches from learning environments by LTI 1.3, with the extra `lms`."""
