"""The built functions as Lambda runs them, on this machine: see `Emulator`."""

from local.emulator.emulator import Emulator
from local.emulator.function import Function
from local.emulator.specification import FunctionSpec

__all__ = ["Emulator", "Function", "FunctionSpec"]
