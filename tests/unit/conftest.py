"""Generated examples have no deadline: how long one takes depends on what else the machine does."""

from hypothesis import settings

settings.register_profile("units", deadline=None)
settings.load_profile("units")
