"""Leaves out of the chat function what its packages import and an answer never uses.

openai-agents and openai import at their tops what serves other uses of them: sandboxes, MCP, the
types of openai's whole API. That is two thirds of the time of a cold start, and half of its memory.
Stand-ins take the place of those modules: classes that can be named in annotations and asked about
by `isinstance`, and that raise `LeftOutError` when they are called or otherwise used.

What can be left out depends on the locked versions: docs/adr/0029-imports-that-are-left-out.md.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any, NoReturn, override

LEFT_OUT = (
    "agents.mcp",
    "agents.repl",
    "agents.sandbox",
    "griffe",
    "mcp",
    "openai.types",
)
"""Packages without which the assistant works, each with all that is below it."""

_RESPONSES = "openai.types.responses."

KEPT = frozenset(
    {
        "agents.mcp",
        "agents.mcp.util",
        "agents.sandbox.runtime",
        "agents.sandbox.runtime_session_manager",
        "agents.sandbox.workspace_paths",
        "openai.types",
        "openai.types.chat",
        "openai.types.completion_usage",
        "openai.types.responses",
        "openai.types.shared",
        *(
            _RESPONSES + name
            for name in (
                "easy_input_message_param",
                "response",
                "response_completed_event",
                "response_content_part_added_event",
                "response_content_part_done_event",
                "response_created_event",
                "response_error",
                "response_function_call_arguments_delta_event",
                "response_function_tool_call",
                "response_function_tool_call_param",
                "response_input_item_param",
                "response_input_text_param",
                "response_output_item",
                "response_output_item_added_event",
                "response_output_item_done_event",
                "response_output_message",
                "response_output_refusal",
                "response_output_text",
                "response_reasoning_item",
                "response_reasoning_summary_part_added_event",
                "response_reasoning_summary_part_done_event",
                "response_reasoning_summary_text_delta_event",
                "response_reasoning_text_delta_event",
                "response_reasoning_text_done_event",
                "response_refusal_delta_event",
                "response_status",
                "response_text_delta_event",
                "response_usage",
                "tool_choice_options",
            )
        ),
    }
)
"""What is real all the same: the events that chat completions become, and what they are made of."""

KEPT_TREES = ("openai.types.chat.", "openai.types.shared.")


class LeftOutError(RuntimeError):
    """Something was used that the chat function leaves out."""


class _StandIn(type):
    """The class of all stand-ins."""

    def __call__(cls, *arguments: object, **_: object) -> Any:
        match arguments:
            case [FunctionType()] if cls.__name__.islower():  # as a decorator
                return partial(_refuse, cls)
            case _:
                return _refuse(cls)

    def __getattr__(cls, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        _refuse(cls)

    def __getitem__(cls, _: object) -> "_StandIn":
        return cls


def _refuse(cls: type, *_: object, **__: object) -> NoReturn:
    name = f"{cls.__module__}.{cls.__qualname__}"
    raise LeftOutError(
        f"{name} is left out of the chat function: see functions/chatkit/lean_imports.py"
    )


def _schema(cls: type, _source: object, _handler: object) -> Any:
    """To pydantic: a value of this class, of which there is none."""
    from pydantic_core import core_schema

    return core_schema.is_instance_schema(cls)


class _StandInModule(ModuleType):
    """A module in which everything is found, and nothing works."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        members: dict[str, Any] = {
            "__module__": self.__name__,
            "__get_pydantic_core_schema__": classmethod(_schema),
        }
        found = sys.modules.get(f"{self.__name__}.{name}") or _StandIn(name, (), members)
        setattr(self, name, found)
        return found


class _Finder(MetaPathFinder, Loader):
    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not is_left_out(fullname):
            return None
        spec = ModuleSpec(fullname, self, is_package=True)
        # For those modules in it that are kept.
        folder = fullname.rpartition(".")[2]
        spec.submodule_search_locations = [f"{parent}/{folder}" for parent in path or ()]
        return spec

    @override
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    @override
    def exec_module(self, module: ModuleType) -> None:
        """Nothing: what a stand-in has, it makes when asked."""


def is_left_out(name: str) -> bool:
    """Whether a stand-in takes the place of the module of that name."""
    return (
        f"{name}.".startswith(tuple(f"{package}." for package in LEFT_OUT))
        and name not in KEPT
        and not name.startswith(KEPT_TREES)
    )


def install() -> None:
    """Leave it out from now on, and let pydantic make a model's validator when it is first used.

    Raises `RuntimeError` if some of it has been imported.
    """
    if early := [name for name in LEFT_OUT if name in sys.modules]:
        raise RuntimeError(f"imported before it could be left out: {early}")
    sys.meta_path.insert(0, _Finder())
    from pydantic import BaseModel

    BaseModel.model_config["defer_build"] = True


@contextmanager
def without_collection() -> Iterator[None]:
    """For imports: nothing of theirs is ever garbage, so that nobody need look for it.

    Not now, nor in any later collection.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
