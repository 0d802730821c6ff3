"""The buffered function: session, tasks and runs over REST."""
