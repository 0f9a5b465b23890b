"""Pages for launches from learning environments, with the extra `lms`."""
