"""Guards the processes that tests start. Python imports this from `PYTHONPATH` at startup."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "network.py"))["install"]()
