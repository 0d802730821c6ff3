"""What `taskchat.tasks.models` accepts, in JSON Schema's terms.

Pydantic describes lengths as they are after trimming, which says too little of what may be sent:
JSON Schema counts every character. So each text is described by one pattern. It names the
characters of Unicode's White_Space, since regular expressions differ in what `\\s` means.
"""

from pydantic import WithJsonSchema

_SPACE = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ANY = r"[^\u0000]"
_INK = rf"[^{_SPACE}\u0000]"


def text_schema(max_length: int, min_length: int = 0) -> WithJsonSchema:
    """A text without NUL, of so many characters after trimming; `min_length` is 0 or 1."""
    trimmed = f"{_INK}(?:{_ANY}{{0,{max_length - 2}}}{_INK})?"
    optional = "" if min_length else "?"
    pattern = f"^[{_SPACE}]*(?:{trimmed}){optional}[{_SPACE}]*$"
    return WithJsonSchema({"type": "string", "pattern": pattern})


STORABLE_TEXT = WithJsonSchema({"type": "string", "pattern": f"^{_ANY}*$"})

TIME = WithJsonSchema(
    {
        "type": "string",
        "anyOf": [
            {"format": "date-time"},
            {"format": "date-time-local"},
            {"format": "date"},
            {"pattern": "^ *$"},
        ],
    }
)
"""`date-time-local` is in the registry of OpenAPI's formats: a `date-time` without an offset."""
