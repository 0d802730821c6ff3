"""The Runtime API calls of the INIT and restore phases, made while no event loop is running."""

import socket

from lambda_streaming.errors import ErrorReport, RuntimeApiError
from lambda_streaming.http1 import Response, ResponseParser, request_head
from lambda_streaming.runtime_client import (
    API_VERSION,
    ERROR_CONTENT_TYPE,
    ERROR_TYPE_HEADER,
    USER_AGENT,
    split_address,
)


class InitClient:
    """Makes blocking calls, each on a new connection, because an environment makes so few."""

    def __init__(self, address: str) -> None:
        self._address = address

    def post_init_error(self, report: ErrorReport) -> None:
        """Report that INIT failed; the environment must end after this."""
        self._post_error("init/error", report)

    def post_restore_error(self, report: ErrorReport) -> None:
        """Report that the code after a restore failed; the environment must end after this."""
        self._post_error("restore/error", report)

    def wait_for_restore(self) -> None:
        """Let Lambda take the snapshot; returns in an environment restored from it."""
        self._call("GET", "restore/next", {}, b"")

    def _post_error(self, path: str, report: ErrorReport) -> None:
        payload = report.as_json()
        headers = {
            "Content-Type": ERROR_CONTENT_TYPE,
            "Content-Length": str(len(payload)),
            ERROR_TYPE_HEADER: report.name,
        }
        self._call("POST", path, headers, payload)

    def _call(self, method: str, path: str, headers: dict[str, str], payload: bytes) -> None:
        target = f"/{API_VERSION}/runtime/{path}"
        headers = {"User-Agent": USER_AGENT, "Connection": "close", **headers}
        request = request_head(method, target, self._address, headers) + payload
        try:
            response = self._exchange(request)
        except OSError as error:
            message = f"the Runtime API is away: {error}"
            raise RuntimeApiError(message) from error
        if response.status not in {200, 202}:
            message = f"the Runtime API answered /{path} with {response.status}"
            raise RuntimeApiError(message)

    def _exchange(self, request: bytes) -> Response:
        parser = ResponseParser()
        with socket.create_connection(split_address(self._address)) as connection:
            connection.sendall(request)
            while data := connection.recv(65536):
                if (response := parser.feed(data)) is not None:
                    return response
        message = "the Runtime API closed the connection without an answer"
        raise ConnectionResetError(message)
