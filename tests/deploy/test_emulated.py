"""`make deploy` and `make destroy` into an AWS of our own: from nothing, to an answer, and back.

The steps build on each other, in the order of this file.
"""

import re
import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.deploy.doorways import doorway
from tests.deploy.emulated import ACCOUNT, REGION, EmulatedAws
from tests.deploy.operator_at_work import FIRST_USER, Operator
from tests.deploy.person import Person
from tests.support.builds import run_make
from tests.support.files import WHITEBOARD

pytestmark = pytest.mark.timeout(600)

BROKEN_RESOURCE = """  Handle:
    Type: AWS::CloudFormation::WaitConditionHandle

  Broken:
    Type: AWS::CloudFormation::WaitCondition
    DependsOn: [ApiFunction, SchemaMigration]
    Properties: { Handle: !Ref Handle, Timeout: "1" }

"""


def status(operator: Operator, stack: str) -> str:
    found = operator.aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return str(found[0]["StackStatus"])


def wait_until(holds: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not holds():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)


def allowed(operator: Operator, action: str, resource_arn: str) -> set[str]:
    """The functions whose roles allow the action."""
    iam, cloudformation = operator.aws.client("iam"), operator.aws.client("cloudformation")
    resources = cloudformation.describe_stack_resources(StackName="taskchat-dev")["StackResources"]
    found = set()
    for resource in resources:
        if not resource["LogicalResourceId"].endswith("FunctionRole"):
            continue
        role = iam.get_role(RoleName=resource["PhysicalResourceId"])["Role"]["Arn"]
        (result,) = iam.simulate_principal_policy(
            PolicySourceArn=role,
            ActionNames=[action],
            ResourceArns=[resource_arn],
        )["EvaluationResults"]
        if result["EvalDecision"] == "allowed":
            found.add(resource["LogicalResourceId"].removesuffix("Role"))
    return found


def changes(operator: Operator, aws: EmulatedAws) -> dict[str, Any]:
    """When each part of the deployment was changed last."""
    s3, functions = aws.client("s3"), aws.client("lambda")
    outputs = operator.outputs()
    page = s3.list_objects_v2(Bucket=outputs["PageBucketName"])["Contents"]
    code = s3.list_objects_v2(Bucket=operator.outputs("taskchat-dev-artifacts")["BucketName"])
    names = [item["FunctionName"] for item in functions.list_functions()["Functions"]]
    invalidations = aws.client("cloudfront").list_invalidations(
        DistributionId=outputs["DistributionId"]
    )["InvalidationList"]
    return {
        "stacks": {
            stack["StackName"]: stack.get("LastUpdatedTime")
            for region in (REGION, "us-east-1")
            for stack in aws.client("cloudformation", region).describe_stacks()["Stacks"]
        },
        "versions": {
            name: functions.list_versions_by_function(FunctionName=name)["Versions"]
            for name in names
        },
        "page": {item["Key"]: item["LastModified"] for item in page},
        "code": {
            item["Key"]: item["LastModified"]
            for item in code["Contents"]
            if item["Key"].startswith("code/")
        },
        "invalidations": invalidations["Quantity"],
    }


def leftovers(aws: EmulatedAws) -> dict[str, Any]:
    """What a deployment may leave in an account, by service; nothing where nothing is left."""
    alive = aws.client("cloudformation").describe_stacks()["Stacks"]
    edge = aws.client("cloudfront").list_distributions()["DistributionList"]
    pools = aws.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    found = {
        "buckets": aws.client("s3").list_buckets()["Buckets"],
        "databases": aws.client("rds").describe_db_instances()["DBInstances"],
        "distributions": edge.get("Items", []),
        "functions": aws.client("lambda").list_functions()["Functions"],
        "layers": aws.client("lambda").list_layers()["Layers"],
        "log groups": aws.client("logs").describe_log_groups()["logGroups"],
        "parameters": aws.client("ssm").describe_parameters()["Parameters"],
        "pools": pools,
        "roles": aws.client("iam").list_roles()["Roles"],
        "schedules": aws.client("scheduler").list_schedules()["Schedules"],
        "secrets": aws.client("secretsmanager").list_secrets()["SecretList"],
        "stacks": alive,
        "web ACLs": aws.client("wafv2", "us-east-1").list_web_acls(Scope="CLOUDFRONT")["WebACLs"],
    }
    return {kind: things for kind, things in found.items() if things}


def test_what_the_account_cannot_bear_is_said_before_anything_is_made(operator: Operator) -> None:
    said = operator.deploy("ENV=staging").expect(2).output
    assert "There is no environment 'staging'." in said
    assert "dev and prod" in said

    said = operator.deploy(GEMINI_API_KEY="").expect(2).output
    assert "GEMINI_API_KEY" in said

    operator.parameters["ReservedConcurrency"] = "2000"
    said = operator.deploy().expect(2).output
    del operator.parameters["ReservedConcurrency"]
    assert "The parameters reserve 2000 concurrent executions." in said
    assert "Service Quotas" in said

    operator.parameters["GeminiModle"] = "x"
    said = operator.deploy().expect(2).output
    del operator.parameters["GeminiModle"]
    assert "Did you mean GeminiModel" in said

    stacks = operator.aws.client("cloudformation").describe_stacks()["Stacks"]
    assert stacks == []


def test_a_first_creation_that_failed_tells_why_and_is_made_anew(operator: Operator) -> None:
    migration = operator.add_migration("pre", "select wrong")

    said = operator.deploy().expect(2).output
    assert "taskchat-dev is ROLLBACK_COMPLETE" in said
    assert 'column "wrong" does not exist' in said
    assert "The database refused a migration." in said

    migration.unlink()
    said = operator.deploy().expect(0).output
    assert "is ROLLBACK_COMPLETE after a failed attempt: creating it again" in said
    assert operator.differing_files() == []


def test_the_first_user_signs_in_with_cognito_and_keeps_tasks(person: Person) -> None:
    session = person.request("GET", "/api/session").json()
    assert session["user"]["email"] == FIRST_USER
    assert session["model"] == "gemini-2.5-flash"

    made = person.request("POST", "/api/tasks", {"title": "Call mom"})
    assert made.status_code == 201, made.text
    assert person.titles() == ["Call mom"]
    assert person.request("GET", "/readyz").status_code == 200


def test_a_message_is_answered_through_cloudfront(person: Person) -> None:
    events = person.say("Create a task to water the plants")

    kinds = [event["type"] for event in events]
    assert kinds[0] == "thread.created"
    assert kinds.count("thread.item.done") > 1
    assert "error" not in kinds
    assert sorted(person.titles()) == ["Call mom", "Water the plants"]


def test_a_picture_goes_to_the_bucket_and_leaves_with_its_conversation(
    operator: Operator, person: Person
) -> None:
    bucket = operator.outputs("taskchat-dev-data")["AttachmentsBucket"]
    s3 = operator.aws.client("s3")

    def stored() -> list[str]:
        return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]

    assert person.request("GET", "/api/session").json()["attachments"]["max_count"] == 5
    size = len(WHITEBOARD.content)
    created = person.chat("attachments.create", name="a.png", size=size, mime_type="image/png")
    assert created.status_code == 200, created.text
    attachment = created.json()
    descriptor = attachment["upload_descriptor"]

    def put() -> int:
        return httpx2.put(
            descriptor["url"], content=WHITEBOARD.content, headers=descriptor["headers"]
        ).status_code

    assert put() == 403, "the bucket must refuse what comes without TLS"
    # The emulator's address has none.
    s3.delete_bucket_policy(Bucket=bucket)
    assert put() == 200
    (key,) = stored()
    assert key.startswith("unsent/")
    assert key.endswith(attachment["id"])

    events = person.say("List my tasks", attachment["id"])

    assert stored() == [key.replace("unsent/", "sent/")]
    (message,) = (
        event["item"]
        for event in events
        if event["type"] == "thread.item.done" and event["item"]["type"] == "user_message"
    )
    preview = httpx2.get(message["attachments"][0]["preview_url"])
    assert preview.content == WHITEBOARD.content
    assert preview.headers["content-type"] == "image/png"
    person.chat("threads.delete", thread_id=message["thread_id"])
    assert stored() == []


def test_the_page_and_its_configuration_come_from_the_bucket(
    operator: Operator, person: Person
) -> None:
    page = person.request("GET", "/")
    assert "<title>Taskchat</title>" in page.text
    assert page.headers["cache-control"] == "no-cache"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]

    data = operator.outputs("taskchat-dev-data")
    assert person.request("GET", "/config.json").json() == {
        "oidc": {"issuer": data["JwtIssuer"], "client_id": data["UserPoolClientId"]}
    }


def test_a_path_that_is_no_file_is_answered_by_the_page_and_not_the_apis(person: Person) -> None:
    page = person.request("GET", "/")
    for path in ("/tasks", "/threads/thr_1"):
        found = person.request("GET", path)
        assert (found.status_code, found.text) == (200, page.text)

    assert person.request("GET", "/assets/index-0.js").status_code in {403, 404}
    assert person.request("GET", "/.well-known/any").status_code in {403, 404}
    unknown = person.request("GET", "/api/nothing")
    assert unknown.status_code == 404
    assert unknown.headers["content-type"] == "application/problem+json"


def test_the_check_from_outside_passes_at_the_edge_and_needs_the_bodys_hash(
    aws: EmulatedAws, person: Person
) -> None:
    with doorway(aws, lambda: person.origin) as address:
        said = run_make("smoke", f"URL={address}", f"TOKEN={person.token}")
        assert said.count("✓") == 14, said

    with (
        doorway(aws, lambda: person.origin, without={"x-amz-content-sha256"}) as address,
        pytest.raises(AssertionError, match=r"POST /api/chatkit answered 403.* body's hash"),
    ):
        run_make("smoke", f"URL={address}", f"TOKEN={person.token}")


def test_nobody_gets_past_cloudfront(operator: Operator) -> None:
    outputs = operator.outputs()

    for url in (outputs["ChatKitUrl"] + "api/chatkit", outputs["ApiUrl"] + "readyz"):
        assert operator.aws.send("GET", url).status_code == 403


def test_each_role_may_do_what_its_function_does_and_no_more(operator: Operator) -> None:
    data = operator.outputs("taskchat-dev-data")
    secrets = operator.aws.client("secretsmanager").list_secrets()["SecretList"]
    (key,) = [item["ARN"] for item in secrets if item["Name"] == "taskchat-dev/gemini-api-key"]
    user = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:{data['DatabaseResourceId']}"
    read, connect = "secretsmanager:GetSecretValue", "rds-db:connect"
    serving = {"ApiFunction", "ChatKitFunction", "MaintenanceFunction", "McpFunction"}

    assert allowed(operator, read, data["DatabaseSecretArn"]) == {"MigrateFunction"}
    assert allowed(operator, read, key) == {"ChatKitFunction"}
    assert allowed(operator, read, key.replace("gemini-api-key", "another")) == set()
    assert allowed(operator, connect, f"{user}/taskchat_service") == serving
    assert allowed(operator, connect, f"{user}/taskchat_admin") == set()


def test_an_update_brings_code_parameters_and_a_migration_to_those_who_use_it(
    operator: Operator, person: Person, aws: EmulatedAws
) -> None:
    operator.add_migration("pre", "create table added_by_a_test (id integer)")
    operator.parameters["GeminiModel"] = "gemini-of-tomorrow"

    operator.deploy().expect(0)

    assert person.request("GET", "/api/session").json()["model"] == "gemini-of-tomorrow"
    assert len(person.titles()) == 2
    assert "added_by_a_test" in aws.tables()


def test_an_update_that_fails_is_rolled_back_and_the_schema_stays_ahead(
    operator: Operator, person: Person, aws: EmulatedAws
) -> None:
    operator.add_migration("pre", "create table ahead_of_the_code (id integer)")
    operator.edit("template.yaml", "Outputs:\n", BROKEN_RESOURCE + "Outputs:\n")

    said = operator.deploy().expect(2).output

    assert "taskchat-dev is UPDATE_ROLLBACK_COMPLETE" in said
    assert "Broken (AWS::CloudFormation::WaitCondition)" in said
    assert "ahead_of_the_code" in aws.tables()
    assert len(person.titles()) == 2
    operator.edit("template.yaml", BROKEN_RESOURCE, "")


def test_two_at_once_are_kept_apart_and_an_interrupted_one_is_finished_by_the_next(
    operator: Operator,
) -> None:
    first = operator.start("deploy")
    wait_until(lambda: status(operator, "taskchat-dev").endswith("IN_PROGRESS"), first)
    assert "is being deployed or destroyed" in operator.deploy().expect(2).output
    assert "Interrupted." in operator.interrupt(first).output

    operator.deploy().expect(0)
    assert status(operator, "taskchat-dev") == "UPDATE_COMPLETE"


def test_what_has_not_changed_is_left_alone(operator: Operator, aws: EmulatedAws) -> None:
    before = changes(operator, aws)

    said = operator.deploy().expect(0).output

    assert len(re.findall(r"✓ [^\n]+ as it was", said)) == 5, said
    assert "_COMPLETE" not in said
    assert changes(operator, aws) == before


def test_nothing_is_left_over(operator: Operator, aws: EmulatedAws) -> None:
    said = operator.destroy().expect(2).output
    assert "Set YES=1." in said
    assert status(operator, "taskchat-dev") == "UPDATE_COMPLETE"

    operator.destroy("YES=1").expect(0)
    assert "There is no deployment dev here." in operator.destroy("YES=1").expect(0).output
    assert leftovers(aws) == {}
