"""A stand-in for the language model that understands simple requests about tasks by rules.

It serves OpenAI's chat completions with Gemini's quirks, so that everything else can be tried,
shown and tested without an API key. From a request to its answer: `app` → `conversation` → `plan`
(`grammar`, `matching`) → `answers` → `wire`.
"""

from local.demo_model.app import create_app

__all__ = ["create_app"]
