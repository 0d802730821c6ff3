"""Messages to the person, and a note to the model, about answers that did not complete."""

GENERIC_FAILURE = "Something went wrong while answering. Your message is saved; please try again."
TOOK_TOO_LONG = "The answer took too long and was ended. What was written is kept; try again."
INTERRUPTED = "The service is restarting. What was written is kept; please try again."
NOT_SAVED = "The answer could not be saved any more. What was saved is kept; please try again."
LOST = "The answer was interrupted. What was written is kept; please try again."

CUT_OFF_NOTE = "The previous answer was cut off. Do not go on with it unless the person asks."
"""For the model, as a hidden item at the thread's end."""
