"""The task assistant, wherever it runs: settings, database, threads, runs, tasks, limits."""
