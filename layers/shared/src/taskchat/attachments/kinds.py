"""Which files may be attached, and how a file shows that it is what it is said to be."""

from collections.abc import Mapping

MAX_BYTES = 10 * 1024 * 1024
MAX_COUNT = 5
"""In one message."""

TEXT = "text/plain"

EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    TEXT: (".txt",),
}
"""The types, by the names that their files usually have."""

_PDF_HEADER_WITHIN = 1024
"""Readers accept bytes before the header, so that files have them (ISO 32000-1, annex H, 3.4.1)."""


def is_what_it_says(mime_type: str, content: bytes) -> bool:
    """Whether the content is of the type, by its first bytes; text by all of them."""
    match mime_type:
        case "image/png":
            return content.startswith(b"\x89PNG\r\n\x1a\n")
        case "image/jpeg":
            return content.startswith(b"\xff\xd8\xff")
        case "image/webp":
            return content.startswith(b"RIFF") and content[8:12] == b"WEBP"
        case "application/pdf":
            return b"%PDF-" in content[:_PDF_HEADER_WITHIN]
        case "text/plain":
            return _is_text(content)
        case _:
            return False


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content
