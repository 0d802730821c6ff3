"""The commands of docs/operations.md, as a new operator types them: each does what it says there.

They run in their order in the document, in a shell in which nothing is set, against the emulator.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.document import Document, Shell, bare_environment
from tests.deploy.doorways import doorway
from tests.deploy.emulated import REGION, EmulatedAws
from tests.deploy.operator_at_work import FIRST_USER, MODEL_KEY, Operator
from tests.deploy.person import Person
from tests.support import network
from tests.support.builds import HOST, ROOT

pytestmark = pytest.mark.timeout(600)

NOT_FOLLOWED = {
    "make smoke URL=<ApiUrl>": "it needs a stack without an edge; tests/integration/local has one",
    'make deploy ENV=dev PARAMETERS="DatabaseHost=': "the emulator has one database",
}
COMMIT = "git -c user.name=a -c user.email=a@example.com commit --quiet --message"


@pytest.fixture(scope="module")
def document() -> Document:
    return Document(ROOT / "docs/operations.md")


@pytest.fixture(scope="module")
def upstream(operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that the operator's clone is one of."""
    bare = tmp_path_factory.mktemp("upstream") / "taskchat.git"
    git = "git init --quiet --initial-branch main && git add --pathspec-from-file=-"
    run(f"{git} && {COMMIT} first", operator.clone, "\n".join(operator.tracked_files))
    run(f"git clone --quiet --bare . {bare} && git remote add origin {bare}", operator.clone)
    run("git fetch --quiet && git branch --quiet -u origin/main", operator.clone)
    return bare


@pytest.fixture(scope="module")
def shell(
    aws: EmulatedAws,
    operator: Operator,
    upstream: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shell]:
    """What the operator's home has is a profile; the emulator is where AWS would be."""
    assert upstream.exists()
    home = tmp_path_factory.mktemp("home")
    (home / ".aws").mkdir()
    keys = {name: aws.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    settings = {"endpoint_url": aws.endpoint, **{key.lower(): keys[key] for key in keys}}
    lines = [f"{name} = {value}" for name, value in settings.items()]
    (home / ".aws" / "config").write_text("\n".join(["[profile operator]", *lines, ""]))
    # SAM asks a package index once a week whether there is a newer one.
    (home / ".aws-sam").mkdir()
    checked = json.dumps({"lastVersionCheck": time.time()})
    (home / ".aws-sam" / "metadata.json").write_text(checked)
    programs = home / "bin"
    programs.mkdir()
    # Version 2 of the CLI, which is on no package index, reads AWS_REGION; version 1 does not.
    (programs / "aws").write_text(
        f'#!/bin/sh\nAWS_DEFAULT_REGION=$AWS_REGION exec {ROOT}/.venv-ministack/bin/aws "$@"\n'
    )
    (programs / "aws").chmod(0o755)
    child = network.child_environment()
    guard = {name: child[name] for name in ("PYTHONPATH", network.RECORD_VARIABLE)}
    shell = Shell(operator.clone, bare_environment(home, programs, guard))
    shell.set("ARCH", HOST)
    yield shell
    shell.close()


def run(command: str, folder: Path, given: str = "") -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def chat_version(operator: Operator) -> str:
    """The version of the chat function that people use."""
    found: str = operator.aws.client("lambda").get_alias(
        FunctionName=operator.outputs()["ChatKitFunctionName"], Name="live"
    )["FunctionVersion"]
    return found


def parameters(operator: Operator) -> str:
    return " ".join(f"{key}={value}" for key, value in operator.parameters.items())


def test_deploy(document: Document, shell: Shell, operator: Operator) -> None:
    shell.set("GEMINI_API_KEY", MODEL_KEY)
    shell.set("FIRST_USER", FIRST_USER)
    shell.set("PARAMETERS", parameters(operator))

    said = shell.run(
        document.follow("export AWS_PROFILE=", {"AWS_PROFILE=…": "AWS_PROFILE=operator"})
    )

    shell.run("unset GEMINI_API_KEY FIRST_USER")
    assert f"taskchat-dev answers at {operator.outputs()['PageUrl']}" in said
    assert operator.differing_files() == []


def test_deploy_with_other_parameters(
    document: Document, shell: Shell, operator: Operator, person: Person
) -> None:
    given = {'PARAMETERS="': f'PARAMETERS="JwtJwksUrl={operator.parameters["JwtJwksUrl"]} '}
    shell.run(document.follow("make deploy ENV=dev PARAMETERS=", given))

    session = person.request("GET", "/api/session").json()
    assert session["model"] == "gemini-2.5-pro"
    assert session["limits"]["per_day"] == 200
    assert person.say("Create a task to read the manual")


def test_check_it_from_outside(document: Document, shell: Shell, person: Person) -> None:
    with doorway(person.aws, lambda: person.origin) as address:
        given = {"<the address>": address, "<token>": person.token}
        said = shell.run(document.follow("make smoke", given))

    assert said.count("✓") == 14


def test_upgrade_and_roll_back(
    document: Document, shell: Shell, operator: Operator, person: Person, upstream: Path
) -> None:
    before = run("git rev-parse HEAD", operator.clone).strip()
    run(f"git clone --quiet {upstream} work", upstream.parent)
    migrations = "layers/shared/src/taskchat/database/migrations"
    next_number = 1 + len(list((upstream.parent / "work" / migrations).glob("*.sql")))
    statement = "create table of_the_upgrade (id integer);"
    run(
        f"echo '{statement}' > {migrations}/{next_number:04}_pre_upgrade.sql && git add . && "
        f"{COMMIT} second && git push --quiet",
        upstream.parent / "work",
    )

    shell.run(document.follow("git pull", {}))
    assert "of_the_upgrade" in operator.aws.tables()
    upgraded = chat_version(operator)

    shell.run(document.follow("git checkout", {"<its commit>": before}))
    assert "of_the_upgrade" in operator.aws.tables()
    assert chat_version(operator) != upgraded
    assert person.request("GET", "/api/tasks").status_code == 200


def test_stop_everything(document: Document, shell: Shell, person: Person) -> None:
    shell.run(document.follow("FUNCTION=", {}))
    hello = {"type": "threads.list", "params": {}}
    assert person.request("POST", "/api/chatkit", hello).status_code == 429
    assert person.request("GET", "/api/tasks").status_code == 200

    shell.run(document.follow("aws lambda delete-function-concurrency", {}))
    assert person.request("POST", "/api/chatkit", hello).status_code == 200


def test_rotate(document: Document, shell: Shell, operator: Operator, person: Person) -> None:
    before = chat_version(operator)
    shell.run(document.follow("GEMINI_API_KEY=", {"GEMINI_API_KEY=…": "GEMINI_API_KEY=another"}))

    assert chat_version(operator) != before
    secrets = operator.aws.client("secretsmanager")
    key = secrets.get_secret_value(SecretId="taskchat-dev/gemini-api-key")["SecretString"]
    assert key == "another"
    assert person.say("Create a task to rotate keys")


def test_backups(document: Document, shell: Shell) -> None:
    given = {
        "<instance>": "taskchat-dev",
        "<when, as 2026-11-24T09:30:00Z>": "2026-11-24T09:30:00Z",
        "<its subnet group>": "subnets",
        "<its group>": "sg-0123456789abcdef0",
        "<its parameter group>": "parameters",
    }
    # The emulator restores nothing; the CLI tells whether it knows the options.
    restore = document.follow("aws rds restore-db-instance", given).rstrip()
    described = json.loads(shell.run(f"{restore} --generate-cli-skeleton output"))

    assert "DBInstanceIdentifier" in described["DBInstance"]


def test_a_persons_data(document: Document, shell: Shell, operator: Operator) -> None:
    pool = operator.outputs("taskchat-dev-data")["UserPoolId"]
    cognito = operator.aws.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool, Username="bob@example.com")
    given = {"<UserPoolId>": pool, "<their address>": "bob@example.com"}

    shell.run(document.follow("aws cognito-idp admin-delete-user", given))

    users = cognito.list_users(UserPoolId=pool)["Users"]
    emails = {
        item["Value"] for user in users for item in user["Attributes"] if item["Name"] == "email"
    }
    assert emails == {FIRST_USER}


def test_logs(document: Document, shell: Shell, operator: Operator, person: Person) -> None:
    request_id = person.request("GET", "/api/tasks").headers["x-request-id"]
    groups = operator.aws.client("logs").describe_log_groups()["logGroups"]
    group = next(item["logGroupName"] for item in groups if "ApiLogs" in item["logGroupName"])
    given = {"<log group>": group, "<request id>": request_id}

    found = json.loads(shell.run(document.follow("aws logs filter-log-events", given)))

    assert isinstance(found["events"], list)


def test_take_away(document: Document, shell: Shell, operator: Operator) -> None:
    shell.set("YES", "1")
    shell.run(document.follow("make destroy", {}))

    assert operator.aws.client("cloudformation", REGION).describe_stacks()["Stacks"] == []


def test_no_command_was_left_out(document: Document) -> None:
    for start in NOT_FOLLOWED:
        document.left.remove(next(block for block in document.left if block.startswith(start)))

    assert document.left == []
