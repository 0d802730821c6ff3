"""The task assistant, independent of where it runs: settings, database, threads, runs, tasks."""
