"""A file's type is judged by its content."""

import pytest

from taskchat.attachments.kinds import EXTENSIONS, is_what_it_says
from tests.support.files import DRAWING, NOTES, PAPER, PHOTO, WHITEBOARD, File

FILES = (WHITEBOARD, PHOTO, DRAWING, PAPER, NOTES)


def test_there_is_a_file_of_each_type() -> None:
    assert [file.mime_type for file in FILES] == list(EXTENSIONS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_of_its_own_type_and_of_no_other(file: File) -> None:
    fitting = {kind for kind in EXTENSIONS if is_what_it_says(kind, file.content)}
    # What is in a small PDF may be text as well.
    assert fitting - ({"text/plain"} if file is PAPER else set()) == {file.mime_type}


def test_nothing_is_of_a_type_that_is_not_taken() -> None:
    assert not is_what_it_says("image/svg+xml", b"<svg/>")


@pytest.mark.parametrize("content", [b"a\0b", "\u00e9".encode("latin-1"), "x".encode("utf-16")])
def test_text_is_utf_8_without_nul(content: bytes) -> None:
    assert not is_what_it_says("text/plain", content)
