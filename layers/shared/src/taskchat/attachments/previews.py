"""Where pictures can be seen.

The URL of a preview is made when it is shown, and is good for a day or two. What is stored and
logged has a placeholder in its place, so that a thread shows its pictures whenever it is opened.
"""

import re

from taskchat.attachments.kinds import EXTENSIONS
from taskchat.attachments.storage import SENT, FileStorage, file_key

# Quotation marks that a person wrote are escaped in JSON: only a member of an object looks so. One
# that they make up leads to a file of their own at most.
_PLACEHOLDER = re.compile(r'"preview_url": ?"attachment:(atc_[0-9a-f]{32})(\.[a-z]+)"')
_TYPES = {extensions[0]: mime_type for mime_type, extensions in EXTENSIONS.items()}


def preview_placeholder(attachment_id: str, mime_type: str) -> str:
    """What is stored in the place of a preview's URL."""
    return f"attachment:{attachment_id}{EXTENSIONS[mime_type][0]}"


def has_previews(text: str) -> bool:
    """Whether JSON may have a placeholder: cheap, as it is asked of every event."""
    return '"attachment:atc_' in text


async def with_previews(text: str, storage: FileStorage, user_id: str, host: str) -> str:
    """JSON that goes to the person, each placeholder replaced by a URL that is valid now."""
    urls: dict[str, str] = {}
    for attachment_id, extension in set(_PLACEHOLDER.findall(text)):
        if mime_type := _TYPES.get(extension):
            name = f"{SENT}/{file_key(user_id, attachment_id)}"
            urls[attachment_id] = await storage.preview_url(name, mime_type, host)
    return _PLACEHOLDER.sub(
        lambda match: f'"preview_url":"{urls[match[1]]}"' if match[1] in urls else match[0], text
    )
