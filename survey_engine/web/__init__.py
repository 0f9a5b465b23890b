"""The HTTP layer: each view reads the request, calls a service and returns a response."""
