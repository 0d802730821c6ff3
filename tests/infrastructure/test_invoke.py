"""AWS's own Runtime Interface Emulator accepts what the built functions send."""

from collections.abc import Mapping

from local.emulator import FunctionSpec
from local.emulator.answers import SEPARATOR, parse_prelude, parse_proxy_response
from local.emulator.invoke import authorise, invoke
from tests.support.builds import HOST, ROOT, TOOLS, run_make

RIE = TOOLS / f"lib/python3.13/site-packages/samcli/local/rapid/aws-lambda-rie-{HOST}"


async def test_a_streamed_answer_is_handed_on_whole(
    functions: dict[str, FunctionSpec], environment: Mapping[str, str]
) -> None:
    event = authorise((ROOT / "events/chatkit-create-thread.json").read_text(), environment)
    response = await invoke(RIE, functions["ChatKitFunction"], event.encode())
    prelude, separator, payload = response.partition(SEPARATOR)

    assert separator
    assert parse_prelude(prelude).status == 200
    assert ("content-type", "text/event-stream") in parse_prelude(prelude).headers
    assert payload.startswith(b'data: {"type":"thread.created"')
    assert payload.endswith(b"\n\n")


async def test_a_buffered_answer_is_the_proxy_response(
    functions: dict[str, FunctionSpec], environment: Mapping[str, str]
) -> None:
    event = authorise((ROOT / "events/api-create-task.json").read_text(), environment)
    response = await invoke(RIE, functions["ApiFunction"], event.encode())
    head, body = parse_proxy_response(response)

    assert head.status == 201
    assert b'"title":"Call mom"' in body


def test_make_invoke_prints_the_response(environment: Mapping[str, str]) -> None:
    output = run_make("invoke", "EVENT=events/api-session.json", **environment)

    assert "HTTP 200\n" in output
    assert '"user":{"id":"alice","email":"alice@example.com"}' in output


def test_make_invoke_answers_in_place_of_cloudformation(environment: Mapping[str, str]) -> None:
    output = run_make("invoke", "EVENT=events/migrate-custom-resource.json", **environment)

    assert 'PUT to CloudFormation: {"StackId":' in output
    assert '"Status": "SUCCESS"' in output
