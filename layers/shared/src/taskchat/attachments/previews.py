"""URLs of image previews.

A preview's URL is made when it is sent to the page, and is valid for one to two days. Stored items
and logged events have a placeholder instead, so a thread shows its images whenever it is opened.
"""

import re

from taskchat.attachments.kinds import EXTENSIONS
from taskchat.attachments.storage import SENT, FileStorage, file_key

# Text that a person wrote does not match, because JSON escapes its quotation marks. Only a member
# of an object matches. If a person makes one up, it can only lead to a file of their own.
_PLACEHOLDER = re.compile(r'"preview_url": ?"attachment:(atc_[0-9a-f]{32})(\.[a-z]+)"')
_TYPES = {extensions[0]: mime_type for mime_type, extensions in EXTENSIONS.items()}


def preview_placeholder(attachment_id: str, mime_type: str) -> str:
    """The placeholder that is stored instead of a preview's URL."""
    return f"attachment:{attachment_id}{EXTENSIONS[mime_type][0]}"


def has_previews(text: str) -> bool:
    """Whether the JSON may have a placeholder. Cheap, because it is called for every event."""
    return '"attachment:atc_' in text


async def with_previews(text: str, storage: FileStorage, user_id: str, host: str) -> str:
    """The JSON with each placeholder replaced by a URL that is valid now."""
    urls: dict[str, str] = {}
    for attachment_id, extension in set(_PLACEHOLDER.findall(text)):
        if mime_type := _TYPES.get(extension):
            name = f"{SENT}/{file_key(user_id, attachment_id)}"
            urls[attachment_id] = await storage.preview_url(name, mime_type, host)
    return _PLACEHOLDER.sub(
        lambda match: f'"preview_url":"{urls[match[1]]}"' if match[1] in urls else match[0], text
    )
