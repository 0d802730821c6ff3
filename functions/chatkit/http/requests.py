"""Parses the requests of `POST /api/chatkit`, and checks them against this server's limits."""

from chatkit.types import (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    ChatKitReq,
    InputTranscribeReq,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
    UserMessageContent,
    UserMessageInput,
    UserMessageTagContent,
)
from pydantic import TypeAdapter, ValidationError

from functions.chatkit.answer.answers import AnswerRequest
from functions.chatkit.http.threads import ThreadRequest
from taskchat.attachments.kinds import MAX_COUNT
from taskchat.errors import BadRequestError, NotSupportedError, PayloadTooLargeError

MAX_MESSAGE_CHARACTERS = 10_000
MAX_MESSAGE_PARTS = 100
MAX_THREAD_TITLE = 200

type Request = (
    AnswerRequest
    | ThreadsCustomActionReq
    | ThreadsSyncCustomActionReq
    | ThreadRequest
    | AttachmentsCreateReq
    | AttachmentsDeleteReq
)
"""The requests of the protocol that this server supports."""

_requests: TypeAdapter[ChatKitReq] = TypeAdapter(ChatKitReq)


def parse_request(body: bytes) -> Request:
    """Parse and check the body of a request.

    Raises `BadRequestError` if it is not a request of the protocol, `NotSupportedError` if this
    server does not support it, and `PayloadTooLargeError` if the message is too long.
    """
    try:
        request = _requests.validate_json(body)
    except ValidationError as error:
        raise BadRequestError(_first_problem(error)) from None
    match request:
        case InputTranscribeReq():
            raise NotSupportedError("Dictation is not supported.")
        case ThreadsAddClientToolOutputReq():
            raise NotSupportedError("Tools run on the server only.")
        case ThreadsAddStructuredInputReq(params=params):
            _check_length(_characters(params.input.model_dump()))
        case ThreadsCreateReq(params=params) | ThreadsAddUserMessageReq(params=params):
            _check_message(params.input)
        case ThreadsUpdateReq(params=params) if len(params.title) > MAX_THREAD_TITLE:
            raise BadRequestError(f"The title may have up to {MAX_THREAD_TITLE} characters.")
        case _:
            pass
    return request


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]


def _check_message(message: UserMessageInput) -> None:
    if len(message.attachments) > MAX_COUNT:
        raise PayloadTooLargeError(f"A message can have up to {MAX_COUNT} files.")
    if len(message.content) > MAX_MESSAGE_PARTS:
        raise PayloadTooLargeError(f"A message has at most {MAX_MESSAGE_PARTS} parts.")
    options = message.inference_options
    chosen = [options.model, options.tool_choice.id if options.tool_choice else None]
    _check_length(_characters([*map(_said, message.content), message.quoted_text, chosen]))
    if not message.attachments and not any(part.text.strip() for part in message.content):
        raise BadRequestError("The message is empty.")


def _check_length(length: int) -> None:
    if length > MAX_MESSAGE_CHARACTERS:
        raise PayloadTooLargeError(
            f"The message has {length:,} characters; up to {MAX_MESSAGE_CHARACTERS:,} are allowed."
        )


def _said(part: UserMessageContent) -> list[object]:
    """Everything in a part that comes from outside."""
    if isinstance(part, UserMessageTagContent):
        return [part.text, part.id, part.group, part.data]
    return [part.text]


def _characters(value: object) -> int:
    """The number of characters in a JSON value: in all its texts, names and numbers."""
    match value:
        case str():
            return len(value)
        case None | bool():
            return 0
        case dict():
            return sum(_characters(name) + _characters(member) for name, member in value.items())
        case list():
            return sum(map(_characters, value))
        case _:
            return len(str(value))
