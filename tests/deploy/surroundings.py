"""What an operator has before `make deploy`, as long as the project brings none of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.doorways import doorway
from tests.deploy.emulated import EmulatedAws

STACK = "surroundings"
USER, PASSWORD = "alice@example.com", "Correct-Horse-9-Battery"
_POLLING = {"Delay": 1, "MaxAttempts": 60}


@dataclass(frozen=True)
class Surroundings:
    """A database, and a user pool with one user."""

    parameters: Mapping[str, str]
    """Lead the application there."""

    @property
    def pool(self) -> str:
        """The id of the user pool."""
        return self.parameters["JwtIssuer"].rpartition("/")[2]

    @property
    def client(self) -> str:
        """The id of the pool's client."""
        return self.parameters["JwtAudience"]


@contextmanager
def surroundings(aws: EmulatedAws) -> Iterator[Surroundings]:
    """Make them; `remove` takes them away."""
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK, TemplateBody=Path(__file__).with_suffix(".yaml").read_text()
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig=_POLLING)
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    # Cognito's own host, which serves the keys, is out of reach here.
    with doorway(aws, lambda: outputs["JwtIssuer"]) as address:
        outputs["JwtJwksUrl"] = f"{address}/.well-known/jwks.json"
        made = Surroundings(outputs)
        cognito = aws.client("cognito-idp")
        cognito.admin_create_user(
            UserPoolId=made.pool,
            Username=USER,
            UserAttributes=[{"Name": "email", "Value": USER}],
            MessageAction="SUPPRESS",
        )
        cognito.admin_set_user_password(
            UserPoolId=made.pool, Username=USER, Password=PASSWORD, Permanent=True
        )
        yield made


def remove(aws: EmulatedAws) -> None:
    """Delete them."""
    cloudformation = aws.client("cloudformation")
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig=_POLLING)
