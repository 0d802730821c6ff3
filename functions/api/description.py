"""Corrects FastAPI's OpenAPI document where it is not exact."""

from typing import Any, override

from fastapi import FastAPI


class DescribedFastAPI(FastAPI):
    """Describes optional parameters as ones that may be empty: a URL has no null."""

    @override
    def openapi(self) -> dict[str, Any]:
        known = self.openapi_schema
        document = super().openapi()
        if document is not known:
            for operations in document["paths"].values():
                for operation in operations.values():
                    for parameter in operation.get("parameters", []):
                        _replace_null(parameter)
        return document


def _replace_null(parameter: dict[str, Any]) -> None:
    match parameter["schema"]:
        case {"anyOf": [alternative, {"type": "null"}], **rest}:
            parameter["schema"] = {**rest, **alternative}
            parameter["allowEmptyValue"] = True
