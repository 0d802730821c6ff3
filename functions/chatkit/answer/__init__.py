"""Makes answers: from the accepted message to the last event of its run."""
