"""Runs: answers being made, each recorded, leased, logged and ended exactly once.

A run begins in `service.begin_run`, is driven by `execution.RunExecution`, logs what it says by
`event_log`, and ends in `ending`, whether by its own process or, when that died, by another. The
names are imported from the modules: who only stops a run should not load what makes one.
"""
