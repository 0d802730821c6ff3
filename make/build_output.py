"""Postprocesses `sam build`: completes its template and prints the sizes of the results."""

import json
import os
import shutil
import sys
from pathlib import Path

from samcli.yamlhelper import parse_yaml_file, yaml_dump

MEGABYTE = 1_000_000
LIMIT = 60 * MEGABYTE
"""Lambda's own limit is 250 MB, but a cold start waits until everything is copied."""


def complete_template(build: Path, architecture: str) -> None:
    """Set the template's architecture to the built one, and write the template as JSON, too."""
    path = build / "template.yaml"
    template = parse_yaml_file(path)
    template["Parameters"]["Architecture"]["Default"] = architecture
    path.write_text(yaml_dump(template))
    (build / "template.json").write_text(json.dumps(template, indent=1, default=str) + "\n")


def publish(build: Path, target: Path) -> None:
    """Hard-link the build to where `sam deploy` and `sam local` look for it."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(build, target, copy_function=os.link)


def print_sizes(build: Path) -> bool:
    """Print the unpacked sizes; tells whether the total is within the limit."""
    total = 0
    for folder in sorted(path for path in build.iterdir() if path.is_dir()):
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(f"{folder.name:<20} {size / MEGABYTE:6.1f} MB")
        total += size
    print(f"unpacked total: {total / MEGABYTE:.1f} MB, with byte code")
    return total < LIMIT


def main() -> int:
    """`build_output.py complete BUILD ARCHITECTURE`, `build_output.py publish BUILD TARGET`."""
    match sys.argv[1:]:
        case ["complete", build, architecture]:
            complete_template(Path(build), architecture)
        case ["publish", build, target]:
            publish(Path(build), Path(target))
            if not print_sizes(Path(target)):
                print(f"over the limit of {LIMIT // MEGABYTE} MB")
                return 1
        case _:
            raise SystemExit(main.__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
