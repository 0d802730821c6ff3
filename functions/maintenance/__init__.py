"""Ends lost runs and deletes expired rows, on a schedule."""
