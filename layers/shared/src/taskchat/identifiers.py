"""Ids: a prefix for the kind of thing, and a full UUID, so that they never collide."""

from typing import Literal
from uuid import uuid4

Prefix = Literal[
    "thr",
    "msg",
    "tc",
    "wf",
    "task",
    "atc",
    "shcx",
    "run",
    "tsk",
    "chg",
    "cnf",
    "call",
    "req",
    "fol",
]


def new_id(prefix: Prefix) -> str:
    """A new id such as `thr_1b9d6bcd4a3e4f0d8c6a1f3e5b7c9d2e`."""
    return f"{prefix}_{uuid4().hex}"
