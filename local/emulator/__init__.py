"""Runs the built functions on this machine as Lambda does: see `Emulator`."""

from local.emulator.emulator import Emulator
from local.emulator.function import Function
from local.emulator.specification import FunctionSpec

__all__ = ["Emulator", "Function", "FunctionSpec"]
