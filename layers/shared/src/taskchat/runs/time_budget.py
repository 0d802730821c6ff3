"""How long an answer may take to end, in seconds, whatever ends it.

When Lambda ends an environment it gives two seconds. The streaming runtime waits for responses
first, and gives the application what is left. In that time the answers in progress may finish by
themselves for `FINISH_SECONDS`; then they are interrupted and have `END_SECONDS`: their model is
asked to halt, the tools that have begun settle, and the end is recorded.
"""

HALT_SECONDS = 0.2
"""How long an answer that is to end may take to do so by itself, before it is cancelled."""

SETTLE_SECONDS = 0.5
"""How long tools that have begun may go on when an answer is cut off."""

FINISH_SECONDS = 0.3
"""How long the answers of a process that shuts down may go on."""

END_SECONDS = 0.8
"""How long they have then to halt, to settle and to record their end."""
