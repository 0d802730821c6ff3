"""Runs: answers being made, each with a record, a lease, an event log and exactly one end.

`service.begin_run` starts a run, `execution.RunExecution` drives it, and `event_log` logs its
events. `ending` ends it, called by the run's own process or, if that died, by another. Import names
from the modules, not from this package: code that only stops runs should not load what makes them.
"""
