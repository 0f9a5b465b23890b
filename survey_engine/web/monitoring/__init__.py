"""Endpoints for operators and monitoring systems."""
