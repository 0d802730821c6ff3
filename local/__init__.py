"""The whole system on one machine: Postgres, demo model, tokens and one HTTP server."""
