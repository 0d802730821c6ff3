"""Which files may be attached, and how to check that a file is of its declared type."""

from collections.abc import Mapping

MAX_BYTES = 10 * 1024 * 1024
MAX_COUNT = 5
"""How many files one message may have."""

TEXT = "text/plain"

EXTENSIONS: Mapping[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    TEXT: (".txt",),
}
"""The accepted types, with the usual extensions of their file names."""

_PDF_HEADER_WITHIN = 1024
"""Some PDFs have bytes before the header, because readers accept it within the first 1024 bytes
(ISO 32000-1, annex H, 3.4.1)."""


def is_what_it_says(mime_type: str, content: bytes) -> bool:
    """Whether the content is of the type. Checks its first bytes, or all bytes of a text."""
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
