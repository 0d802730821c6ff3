"""The task assistant apart from where it runs: settings, database, threads, runs, tasks, limits."""
