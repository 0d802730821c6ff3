"""`make smoke`: checks a deployed endpoint from outside, and leaves nothing behind.

It sends one message in the name of the token's person, who must not send any others meanwhile, and
then deletes the thread and the task that the message created.
"""
