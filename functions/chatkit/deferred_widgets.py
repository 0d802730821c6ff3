"""Keeps pydantic from building the validators of all widgets into each model that may have one.

An answer needs five models of chatkit that may have a widget: a thread, and the events about its
items. For each of them, pydantic would process two hundred widget models. This takes 30 ms, and the
result is stored five times. With `defer_widgets` they share one validator, which is built with the
first widget.
"""

import sys
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, SerializationInfo, TypeAdapter
from pydantic_core import core_schema

NAMES = ("WidgetRoot", "WidgetComponent")
"""The types of chatkit.widgets that chatkit.types imports by name."""


class _Deferred:
    """An annotation: builds the type's own validator and serializer on first use."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        def validate(value: Any) -> Any:
            return _adapter(source).validate_python(value)

        def serialize(value: Any, info: SerializationInfo) -> Any:
            return _adapter(source).dump_python(
                value,
                mode="json" if info.mode_is_json() else "python",
                by_alias=info.by_alias,
                exclude_unset=info.exclude_unset,
                exclude_defaults=info.exclude_defaults,
                exclude_none=info.exclude_none,
                round_trip=info.round_trip,
                context=info.context,
            )

        return core_schema.no_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                serialize, info_arg=True
            ),
        )


@cache
def _adapter(source: Any) -> TypeAdapter[Any]:
    return TypeAdapter(source)


class _DeferredEnvironment:
    """Stands for jinja2's `Environment` in chatkit.widgets until a template is parsed."""

    def __init__(self, *, undefined: object) -> None:
        """Takes what chatkit.widgets gives: that names without a value are errors."""
        if undefined is not _STRICT:
            raise RuntimeError("chatkit.widgets no longer asks jinja2 for StrictUndefined")

    def from_string(self, source: str) -> Any:
        """The template, as jinja2's method of that name makes it."""
        return _environment().from_string(source)


_STRICT = object()


@cache
def _environment() -> Any:
    from jinja2 import Environment, StrictUndefined

    return Environment(undefined=StrictUndefined)  # noqa: S701  as chatkit.widgets has it: JSON


def _import_widgets() -> ModuleType:
    """chatkit.widgets, without jinja2, which it imports at its top and needs for templates."""
    if "jinja2" in sys.modules:
        return import_module("chatkit.widgets")
    stand_in = ModuleType("jinja2")
    vars(stand_in).update(
        Environment=_DeferredEnvironment, StrictUndefined=_STRICT, Template=type("Template", (), {})
    )
    sys.modules["jinja2"] = stand_in
    try:
        return import_module("chatkit.widgets")
    finally:
        del sys.modules["jinja2"]


def defer_widgets() -> None:
    """Import chatkit.types with deferred widgets. Raises `RuntimeError` if it is already imported.

    chatkit.widgets itself keeps the original types.
    """
    if "chatkit.types" in sys.modules:
        raise RuntimeError("chatkit.types was imported before its widgets could be deferred")
    widgets = _import_widgets()
    usual = {name: getattr(widgets, name) for name in NAMES}
    try:
        for name, source in usual.items():
            setattr(widgets, name, Annotated[source, _Deferred()])
        import_module("chatkit.types")
    finally:
        for name, source in usual.items():
            setattr(widgets, name, source)
