"""A national peak on one machine: students who think and save, classes that start together, an app and a real PostgreSQL."""
