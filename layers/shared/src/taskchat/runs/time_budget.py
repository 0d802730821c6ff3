"""How long an answer may take to end, in seconds, whatever ends it.

Lambda allows two seconds to shut an environment down. The streaming runtime first waits for
responses, and leaves the rest of the time to the application. Running answers may then complete
within `FINISH_SECONDS`. After that they are interrupted, and have `END_SECONDS` to stop the model,
settle their tool calls and record their end.
"""

HALT_SECONDS = 0.2
"""How long an answer's events may take to end after `halt`, before they are cancelled."""

SETTLE_SECONDS = 0.5
"""How long running tool calls may go on when an answer is cut off."""

FINISH_SECONDS = 0.3
"""How long running answers may go on when their process shuts down."""

END_SECONDS = 0.8
"""How long they may then take to halt, settle and record their end."""
