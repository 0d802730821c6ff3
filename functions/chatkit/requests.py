"""What may come in at `POST /api/chatkit`: the protocol's requests, within this server's bounds."""

from chatkit.types import (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    ChatKitReq,
    InputTranscribeReq,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsUpdateReq,
    UserMessageInput,
)
from pydantic import TypeAdapter, ValidationError

from taskchat.errors import BadRequestError, NotSupportedError, PayloadTooLargeError

MAX_MESSAGE_CHARACTERS = 10_000
MAX_THREAD_TITLE = 200

_NOT_SUPPORTED: dict[type, str] = {
    AttachmentsCreateReq: "Attachments are not supported.",
    AttachmentsDeleteReq: "Attachments are not supported.",
    InputTranscribeReq: "Dictation is not supported.",
    ThreadsAddClientToolOutputReq: "Tools run on the server only.",
    ThreadsAddStructuredInputReq: "Structured input is not supported.",
}

_requests: TypeAdapter[ChatKitReq] = TypeAdapter(ChatKitReq)


def parse_request(body: str | bytes | bytearray) -> ChatKitReq:
    """The request in a body.

    Raises `BadRequestError` for what is not the protocol, `NotSupportedError` for what this server
    does not offer, `PayloadTooLargeError` for a message that is too long.
    """
    try:
        request = _requests.validate_json(body)
    except ValidationError as error:
        raise BadRequestError(_first_problem(error)) from None
    if reason := _NOT_SUPPORTED.get(type(request)):
        raise NotSupportedError(reason)
    if isinstance(request, ThreadsCreateReq | ThreadsAddUserMessageReq):
        _check_message(request.params.input)
    if isinstance(request, ThreadsUpdateReq) and len(request.params.title) > MAX_THREAD_TITLE:
        raise BadRequestError(f"The title may have up to {MAX_THREAD_TITLE} characters.")
    return request


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]


def _check_message(message: UserMessageInput) -> None:
    if message.attachments:
        raise NotSupportedError("Attachments are not supported.")
    length = sum(len(part.text) for part in message.content) + len(message.quoted_text or "")
    if length > MAX_MESSAGE_CHARACTERS:
        raise PayloadTooLargeError(
            f"The message has {length:,} characters; up to {MAX_MESSAGE_CHARACTERS:,} are allowed."
        )
    if not any(part.text.strip() for part in message.content):
        raise BadRequestError("The message is empty.")
