"""The model as openai-agents sees it."""

from typing import Final

import agents
import openai
from agents.tracing.provider import DefaultTraceProvider

from taskchat.settings import GeminiSettings

MODEL_SETTINGS: Final = agents.ModelSettings(include_usage=True)
"""What an agent on this model needs: without it other servers than Gemini count no tokens."""


def create_model(
    settings: GeminiSettings, client: openai.AsyncOpenAI
) -> agents.OpenAIChatCompletionsModel:
    """The configured model on `client`; tracing, which would go to OpenAI, is off from now on."""
    # A provider without processors: the default one brings an exporter with a client to OpenAI,
    # which takes 0.15 s to make even if it is then disabled.
    agents.set_trace_provider(DefaultTraceProvider())
    agents.set_tracing_disabled(disabled=True)
    return agents.OpenAIChatCompletionsModel(model=settings.model, openai_client=client)
