"""What follows `sam build`: the template as JSON, and how large functions and layers are."""

import json
import os
import shutil
import sys
from pathlib import Path

from samcli.yamlhelper import parse_yaml_file, yaml_dump

MEGABYTE = 1_000_000
LIMIT = 60 * MEGABYTE
"""Lambda's own is 250 MB, but a cold start waits until all of it is copied."""


def complete_template(build: Path, architecture: str) -> None:
    """Let the template deploy what was built, and write it for readers that know no YAML, too."""
    path = build / "template.yaml"
    template = parse_yaml_file(path)
    template["Parameters"]["Architecture"]["Default"] = architecture
    path.write_text(yaml_dump(template))
    (build / "template.json").write_text(json.dumps(template, indent=1, default=str) + "\n")


def publish(build: Path, target: Path) -> None:
    """Put the build where `sam deploy` and `sam local` look, sharing the files on disk."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(build, target, copy_function=os.link)


def print_sizes(build: Path) -> bool:
    """Print the unpacked sizes; tell whether the total is within the limit."""
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
