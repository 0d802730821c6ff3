"""What follows `sam build`: the template as JSON, and how large functions and layers are."""

import json
import os
import shutil
import sys
from pathlib import Path

from samcli.yamlhelper import parse_yaml_file, yaml_dump

MEGABYTE = 1_000_000
LIMIT = 100 * MEGABYTE
LIMIT_WITH_BYTE_CODE = 130 * MEGABYTE


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
    """Print the unpacked sizes; tell whether the total is within the limits."""
    source = byte_code = 0
    for folder in sorted(path for path in build.iterdir() if path.is_dir()):
        files = [path for path in folder.rglob("*") if path.is_file()]
        compiled = sum(path.stat().st_size for path in files if path.suffix == ".pyc")
        rest = sum(path.stat().st_size for path in files) - compiled
        print(f"{folder.name:<20} {(rest + compiled) / MEGABYTE:6.1f} MB")
        source, byte_code = source + rest, byte_code + compiled
    total = source + byte_code
    print(f"unpacked total: {source / MEGABYTE:.1f} MB, {total / MEGABYTE:.1f} MB with byte code")
    return source < LIMIT and total < LIMIT_WITH_BYTE_CODE


def main() -> int:
    """`build_output.py complete BUILD ARCHITECTURE`, `build_output.py publish BUILD TARGET`."""
    match sys.argv[1:]:
        case ["complete", build, architecture]:
            complete_template(Path(build), architecture)
        case ["publish", build, target]:
            publish(Path(build), Path(target))
            if not print_sizes(Path(target)):
                limits = f"{LIMIT // MEGABYTE} MB, and {LIMIT_WITH_BYTE_CODE // MEGABYTE} MB"
                print(f"over the limit of {limits} with byte code")
                return 1
        case _:
            raise SystemExit(main.__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
