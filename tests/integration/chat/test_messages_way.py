"""The README follows a message through the code. So does this."""

import re
import sys
from pathlib import Path
from pkgutil import resolve_name
from types import CodeType, FrameType
from typing import Any

from tests.support.chat import ChatClient, text_of
from tests.support.model_server import Call, ModelServer, text, tool_calls

README = Path(__file__).resolve().parents[3] / "README.md"
STEPS = re.findall(r"^\d\. `([\w.]+:[\w.]+)`", README.read_text("utf-8"), re.MULTILINE)


def code_of(step: str) -> CodeType:
    """The code of a function, or of what makes an object of a class."""
    named: Any = resolve_name(step)
    function: Any = vars(named)["__init__"] if isinstance(named, type) else named
    code: CodeType = function.__code__
    return code


async def test_a_message_goes_the_way_that_the_readme_says(
    alice: ChatClient, model: ModelServer
) -> None:
    names = {code_of(step): step for step in STEPS}
    way: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        step = names.get(frame.f_code) if event == "call" else None
        if step and step not in way:
            way.append(step)

    model.script([tool_calls(Call("create_task", {"title": "Milk"})), text("Done.")])
    sys.setprofile(note)
    try:
        events = await alice.create("Milk, please")
    finally:
        sys.setprofile(None)

    assert text_of(events) == "Done."
    assert 0 < len(STEPS) <= 8
    assert way == STEPS
