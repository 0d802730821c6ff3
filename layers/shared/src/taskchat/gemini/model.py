"""The model in the form that openai-agents uses."""

from typing import Final

import agents
import openai
from agents.tracing.provider import DefaultTraceProvider

from taskchat.settings import GeminiSettings

MODEL_SETTINGS: Final = agents.ModelSettings(include_usage=True)
"""Settings for agents that use this model. Servers other than Gemini need them to count tokens."""


def create_model(
    settings: GeminiSettings, client: openai.AsyncOpenAI
) -> agents.OpenAIChatCompletionsModel:
    """The configured model. Also turns tracing off, which would send traces to OpenAI."""
    # A provider without processors: the default one creates an exporter with an OpenAI client,
    # which takes 0.15 s even if tracing is then disabled.
    agents.set_trace_provider(DefaultTraceProvider())
    agents.set_tracing_disabled(disabled=True)
    return agents.OpenAIChatCompletionsModel(model=settings.model, openai_client=client)
