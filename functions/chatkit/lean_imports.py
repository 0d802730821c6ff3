"""Skips modules that the chat function's packages import but an answer never uses.

openai-agents and openai import modules at the top level that only other uses need: sandboxes, MCP,
the types of the whole OpenAI API. They take two thirds of a cold start's time and half of its
memory. Stubs replace these modules. Their classes can appear in annotations and `isinstance`
checks, and raise `LeftOutError` when they are called or otherwise used.

Which modules can be skipped depends on the locked versions:
docs/adr/0029-imports-that-are-left-out.md.
"""

import gc
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
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
"""Packages that the assistant does not need. Their submodules are left out, too."""

_RESPONSES = "openai.types.responses."

KEPT = frozenset(
    {
        "agents.mcp",
        "agents.mcp.util",
        "agents.sandbox.runtime",
        "agents.sandbox.runtime_session_manager",
        "agents.sandbox.workspace_paths",
        "openai.types.chat",
        "openai.types.completion_usage",
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
"""Modules in those packages that are needed: above all the types of the events that openai-agents
makes from chat completions."""

_SHARED = "openai.types.shared"
"""All names of this package are exported by openai.types, too."""

_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

KEPT_TREES = ("openai.types.chat.", "openai.types.shared.")


class LeftOutError(RuntimeError):
    """Code used something that the chat function leaves out."""


class _StandIn(type):
    """The metaclass of the stub classes."""

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
    """Tells pydantic to accept instances of this class. There are none."""
    from pydantic_core import core_schema

    return core_schema.is_instance_schema(cls)


class _StandInModule(ModuleType):
    """A stub module, in which any attribute exists: a kept class or module, or a stub class."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = sys.modules.get(f"{self.__name__}.{name}") or _exported(self.__name__, name)
        setattr(self, name, found)
        return found


def _exported(package: str, name: str) -> Any:
    """A class that the package's own `__init__` would import from its module, or a stub class.

    That `__init__` is not run: in the two packages of openai that have kept modules, it would
    import four hundred others.
    """
    module = f"{package}.{_BEFORE_CAPITAL.sub('_', name).lower()}"
    if not is_left_out(module):
        return getattr(import_module(module), name)
    if package == "openai.types" and hasattr(shared := import_module(_SHARED), name):
        return getattr(shared, name)
    members: dict[str, Any] = {
        "__module__": package,
        "__get_pydantic_core_schema__": classmethod(_schema),
    }
    return _StandIn(name, (), members)


class _Finder(MetaPathFinder, Loader):
    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not is_left_out(fullname):
            return None
        spec = ModuleSpec(fullname, self, is_package=True)
        # So that its kept submodules are found.
        folder = fullname.rpartition(".")[2]
        spec.submodule_search_locations = [f"{parent}/{folder}" for parent in path or ()]
        return spec

    @override
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    @override
    def exec_module(self, module: ModuleType) -> None:
        """Does nothing: a stub module creates its attributes on access."""


def is_left_out(name: str) -> bool:
    """Whether a stub replaces the module of that name."""
    return (
        f"{name}.".startswith(tuple(f"{package}." for package in LEFT_OUT))
        and name not in KEPT
        and not name.startswith(KEPT_TREES)
    )


def install() -> None:
    """Skip these modules from now on, and let pydantic build validators on first use.

    The validators of widgets are built with the first widget. Raises `RuntimeError` if one of the
    packages, or chatkit.types, has already been imported.
    """
    if early := [name for name in LEFT_OUT if name in sys.modules]:
        raise RuntimeError(f"imported before it could be left out: {early}")
    sys.meta_path.insert(0, _Finder())
    from pydantic import BaseModel

    from functions.chatkit.deferred_widgets import defer_widgets

    BaseModel.model_config["defer_build"] = True
    defer_widgets()


def build_validators() -> None:
    """Builds the validators that `install` deferred, those of widgets aside.

    For an environment that is prepared before its first request: none of them is built in that.
    """
    from pydantic import BaseModel

    models = BaseModel.__subclasses__()
    for model in models:  # grows meanwhile
        models += model.__subclasses__()
        if not model.__pydantic_complete__ and model.__module__ != "chatkit.widgets":
            model.model_rebuild(raise_errors=False)


@contextmanager
def without_collection() -> Iterator[None]:
    """Turns garbage collection off during imports, because what they create is never garbage.

    Later collections ignore these objects as well (`gc.freeze`).
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
