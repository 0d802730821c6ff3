"""Prints one line per step with its duration, and notes below it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Prints to one stream. Only a terminal gets colours and overwritten lines."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()

    @contextmanager
    def step(self, name: str) -> Iterator["Step"]:
        """Run a step; then prints `✓ name  summary  time`, or `✗` if it raises."""
        step = Step(self, name)
        started = time.monotonic()
        if self._is_terminal:
            self._write(f"  … {name}", end="\r")
        try:
            yield step
        except BaseException:
            self._end("✗", "31", name, step.summary, time.monotonic() - started)
            raise
        self._end("✓", "32", name, step.summary, time.monotonic() - started)

    def note(self, text: str) -> None:
        """Print a line below the current step."""
        self._write(f"      {self._colour('2', text)}")

    def say(self, text: str) -> None:
        """Print a line."""
        self._write(text)

    def _end(self, mark: str, colour: str, name: str, summary: str, seconds: float) -> None:
        words = f"{name:<28} {summary}".rstrip()
        self._write(f"  {self._colour(colour, mark)} {words:<70} {_duration(seconds):>10}")

    def _colour(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._is_terminal else text

    def _write(self, text: str, end: str = "\n") -> None:
        clear = "\033[K" if self._is_terminal else ""
        print(f"{clear}{text}", file=self._stream, end=end, flush=True)


class Step:
    """A running step."""

    def __init__(self, progress: Progress, name: str) -> None:
        self.name = name
        self.summary = ""
        """The text after the step's name in its final line."""
        self._progress = progress

    def note(self, text: str) -> None:
        """Print something that happened in the step."""
        self._progress.note(text)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{seconds:.1f} s"
