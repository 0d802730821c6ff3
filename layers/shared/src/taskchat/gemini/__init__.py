"""The language model: Gemini, or a compatible server, as a model for openai-agents.

`create_client` and `create_model` create it, the agent needs `MODEL_SETTINGS`, and
`translate_model_error` turns failures into messages for the person.
"""

from taskchat.gemini.client import create_client
from taskchat.gemini.errors import translate_model_error
from taskchat.gemini.model import MODEL_SETTINGS, create_model

__all__ = ["MODEL_SETTINGS", "create_client", "create_model", "translate_model_error"]
