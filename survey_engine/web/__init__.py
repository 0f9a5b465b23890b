"""HTTP only: a request in, a service called, a response out."""
