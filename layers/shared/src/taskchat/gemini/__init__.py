"""The language model: Gemini, or a compatible server, behind openai-agents.

`create_client` and `create_model` make it, `MODEL_SETTINGS` is for the agent that uses it, and
`translate_model_error` puts its failures in words.
"""

from taskchat.gemini.client import create_client
from taskchat.gemini.errors import translate_model_error
from taskchat.gemini.model import MODEL_SETTINGS, create_model

__all__ = ["MODEL_SETTINGS", "create_client", "create_model", "translate_model_error"]
