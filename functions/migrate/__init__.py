"""Brings the database schema up to date, at deployment."""
