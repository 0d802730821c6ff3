"""Generates requests of the ChatKit protocol from the SDK's models."""

import types
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from chatkit.types import (
    NonStreamingReq,
    StreamingReq,
    ThreadCustomActionParams,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsRetryAfterItemReq,
    UserMessageTextContent,
)
from hypothesis import strategies as st
from pydantic import BaseModel

from functions.chatkit.actions import ActionName
from tests.fuzz.values import JsonValue, json_values, mostly, numbers, reference, texts

REQUESTS: tuple[type[BaseModel], ...] = get_args(StreamingReq) + get_args(NonStreamingReq)

_BUSY: tuple[type[BaseModel], ...] = (
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsRetryAfterItemReq,
)

SENTENCES = (
    "Hi",
    "Create a task to call mom tomorrow at 5pm",
    "Create tasks: milk, bread and honey",
    "Show my tasks",
    "Mark it done",
    "Delete it",
    "Delete all my tasks",
    "Complete all tasks",
    "Change the title of call mom to call dad",
)

_LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "thread_id": reference("thread"),
    "item_id": reference("item"),
    "item_ids": st.lists(reference("item"), max_size=5),
    "after": reference("item", "thread") | st.none(),
    "attachments": st.just([]),
    "inference_options": st.just({}),
}
_PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "task_id": reference("task"),
        "change_id": reference("change"),
        "confirmation_id": reference("confirmation"),
        "title": texts,
        "priority": st.sampled_from(["low", "high", "urgent"]),
        "due_date": st.sampled_from(["2030-01-01", "0001-01-01", "9999-12-31", "soon"]),
        "due_time": st.sampled_from(["17:00", "5pm", "25:00", ""]),
    },
)
_ACTIONS = st.fixed_dictionaries(
    {
        "type": mostly(st.sampled_from([action.value for action in ActionName]), texts),
        "payload": mostly(_PAYLOADS, json_values),
    }
)
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    bool: st.booleans(),
    int: numbers.filter(lambda number: isinstance(number, int)),
    type(None): st.none(),
    Any: json_values,
}
_COMPOUND: dict[Any, Callable[..., st.SearchStrategy[Any]]] = {
    Union: st.one_of,
    types.UnionType: st.one_of,
    list: lambda members: st.lists(members, max_size=4),
    dict: lambda _, members: st.dictionaries(texts, members, max_size=4),
}


def requests() -> st.SearchStrategy[JsonValue]:
    """Any request that is valid by the models. Those that do the most come more often."""
    return st.sampled_from((*REQUESTS, *_BUSY * 5)).flatmap(_of_model)


@cache
def _of_model(model: type[BaseModel]) -> st.SearchStrategy[JsonValue]:
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    model.model_rebuild()  # resolves forward references, which the SDK leaves open
    for name, member in model.model_fields.items():
        values = _of_field(model, name, member.annotation)
        # `type` identifies the model, so it is always sent, even if it has a default.
        (required if member.is_required() or name == "type" else optional)[name] = values
    return st.fixed_dictionaries(required, optional=optional)


def _of_field(model: type[BaseModel], name: str, annotation: Any) -> st.SearchStrategy[Any]:
    if model is ThreadCustomActionParams and name == "action":
        return _ACTIONS
    if model is UserMessageTextContent and name == "text":
        return mostly(st.sampled_from(SENTENCES), texts)
    values = _of_type(annotation)
    # Mostly ids that exist: requests with others are refused early and test little.
    return mostly(_LIKELY[name], values) if name in _LIKELY else values


def _of_type(annotation: Any) -> st.SearchStrategy[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return st.deferred(lambda: _of_model(annotation))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        return _PLAIN[annotation]
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is Annotated:
        return _of_type(arguments[0])
    return _COMPOUND[origin](*map(_of_type, arguments))
