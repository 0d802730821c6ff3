"""Addresses on this machine for hosts of AWS' that no name server leads to here."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from tests.deploy.emulated import EmulatedAws

_OF_THE_CONNECTION = {"connection", "content-length", "host", "transfer-encoding"}
_EMPTY = 204


@contextmanager
def doorway(
    aws: "EmulatedAws", base_url: Callable[[], str], without: Collection[str] = ()
) -> Iterator[str]:
    """An address whose requests go to the host of `base_url`, which is asked at each request.

    The headers named in `without` are lost on the way.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in {*_OF_THE_CONNECTION, *without}
            }
            url = base_url().rstrip("/") + self.path
            with aws.stream(self.command, url, headers=headers, content=body) as response:
                self._answer(response)

        def _answer(self, response: httpx2.Response) -> None:
            self.send_response(response.status_code)
            for name, value in response.headers.multi_items():
                if name.lower() not in _OF_THE_CONNECTION - {"content-length"}:
                    self.send_header(name, value)
            streams = "content-length" not in response.headers and response.status_code != _EMPTY
            if streams:
                self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for piece in response.iter_raw():
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if streams else piece)
            if streams:
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
