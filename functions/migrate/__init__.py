"""Brings the schema of the database up to date, at deployment."""
