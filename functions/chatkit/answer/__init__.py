"""The making of an answer: from the accepted message to the last event of its run."""
