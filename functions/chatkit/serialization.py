"""Models as JSON, in the form in which the SDK sends them."""

from pydantic import BaseModel


def to_json(model: BaseModel) -> str:
    """The model as JSON on one line, without what is null."""
    return model.model_dump_json(by_alias=True, exclude_none=True)
