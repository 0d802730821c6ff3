"""Python imports this at start from `PYTHONPATH`; it guards the processes that tests start."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "network.py"))["install"]()
