"""One emulated account for all steps, which build on each other as an operator's days do."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.doorways import doorway
from tests.deploy.emulated import REGION, EmulatedAws, emulated_aws
from tests.deploy.operator_at_work import FIRST_USER, Operator
from tests.deploy.person import Person, sign_in

PASSWORD = "Correct-Horse-9-Battery"


@pytest.fixture(scope="module")
def aws() -> Iterator[EmulatedAws]:
    """An account with nothing in it."""
    with emulated_aws() as aws:
        yield aws


@pytest.fixture(scope="module")
def operator(aws: EmulatedAws) -> Iterator[Operator]:
    """A person who deploys into the account."""
    clone = Path(tempfile.mkdtemp(prefix="test-clone-"))
    operator = Operator(aws, clone)

    def user_pool() -> str:
        (pool,) = aws.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
        return f"https://cognito-idp.{REGION}.amazonaws.com/{pool['Id']}"

    # Cognito's own host, which serves the keys, is out of reach here.
    with doorway(aws, user_pool) as address:
        operator.parameters["JwtJwksUrl"] = f"{address}/.well-known/jwks.json"
        yield operator
    shutil.rmtree(clone, ignore_errors=True)


@pytest.fixture(scope="module")
def person(operator: Operator) -> Person:
    """The first user, signed in, at the page's address."""
    data = operator.outputs("taskchat-dev-data")
    pool = data["UserPoolId"]
    operator.aws.client("cognito-idp").admin_set_user_password(
        UserPoolId=pool, Username=FIRST_USER, Password=PASSWORD, Permanent=True
    )
    token = sign_in(operator.aws, pool, data["UserPoolClientId"], FIRST_USER, PASSWORD)
    return Person(operator.aws, operator.outputs()["PageUrl"], token)
