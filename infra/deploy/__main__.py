"""`python -m infra.deploy up ENV` and `… down ENV`, called by `make deploy` and `make destroy`."""

import argparse
import fcntl
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.account import Account
from infra.deploy.advice import explained
from infra.deploy.deployment import ROOT, Deployment
from infra.deploy.down import destroy
from infra.deploy.environments import load_environment, parse_parameters
from infra.deploy.errors import DeployError
from infra.deploy.progress import Progress
from infra.deploy.up import deploy

_INTERRUPTED = 130


def main() -> int:
    """Run the command; prints a failure and returns the exit status."""
    parser = argparse.ArgumentParser(prog="infra.deploy", description=__doc__)
    parser.add_argument("command", choices=["up", "down"])
    parser.add_argument("environment")
    parser.add_argument("--architecture", choices=["arm64", "x86_64"], default="arm64")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)  # before SAM, which would enable botocore's logs
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region  # boto3 reads only this; the CLI reads both
    progress = Progress()
    try:
        environment = load_environment(ROOT / "samconfig.toml", arguments.environment)
        overrides = parse_parameters(os.environ.get("PARAMETERS", ""))
        deployment = Deployment(environment, Account(), overrides)
        with _alone(environment.name):
            if arguments.command == "up":
                address = deploy(deployment, arguments.architecture, progress)
                progress.say(f"\n  {environment.stack} answers at {address}")
            else:
                destroy(deployment, progress)
    except (ClientError, BotoCoreError) as error:
        _complain(explained(str(error)))
        return 1
    except DeployError as error:
        _complain(error)
        return 1
    except KeyboardInterrupt:
        print(
            "\n  Interrupted. CloudFormation finishes what it has begun. Run the same command\n"
            "  again: it waits for CloudFormation, then continues.",
            file=sys.stderr,
        )
        return _INTERRUPTED
    return 0


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Reject a second run from this folder, because both would write to the same build."""
    state = ROOT / ".local"
    state.mkdir(exist_ok=True)
    with (state / f"deploy-{name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DeployError(
                f"{name} is being deployed or destroyed from this folder at the moment.",
                "Wait until that has ended.",
            ) from None
        yield


def _complain(error: DeployError) -> None:
    print(f"\n  {error.message.replace(chr(10), chr(10) + '  ')}", file=sys.stderr)
    if error.advice:
        print(f"  → {error.advice}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
