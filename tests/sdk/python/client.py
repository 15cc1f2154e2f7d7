"""What the scripts share: the client as a user makes it, functions to talk about, and what is expected of answers."""

import base64
import json
import os
import time
from pathlib import Path

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkfunctiongraph.v2 import *  # noqa: F401,F403: the SDK's own examples do so

ENDPOINT = os.environ["ENDPOINT"]
PROJECT_ID = os.environ["PROJECT_ID"]
ACCESS_KEY = os.environ["ACCESS_KEY"]
SECRET_KEY = os.environ["SECRET_KEY"]

NOBODY = f"urn:fss:local:{PROJECT_ID}:function:default:nobody"


def connect(access_key=ACCESS_KEY, secret_key=SECRET_KEY, project_id=PROJECT_ID):
    """The client, made in the way that the SDK's page tells: only the endpoint is another one."""
    credentials = BasicCredentials(access_key, secret_key, project_id)
    return FunctionGraphClient.new_builder().with_credentials(credentials).with_endpoint(ENDPOINT).build()


client = connect()


def code(guest):
    """A guest's package as `func_code` wants it."""
    return FuncCode(file=base64.b64encode(Path(os.environ[f"{guest.upper()}_ZIP"]).read_bytes()).decode())


def body(name, guest="hello", entry="handler", **more):
    """A complete body for create_function."""
    settings = {
        "func_name": name,
        "package": "default",
        "runtime": "Custom",
        "timeout": 30,
        "handler": f"{guest}.{entry}",
        "memory_size": 128,
        "code_type": "zip",
        "code_filename": f"{guest}.zip",
        "func_code": code(guest),
        **more,
    }
    return CreateFunctionRequestBody(**settings)


def create(name, guest="hello", entry="handler", **more):
    """Creates a function and answers its URN without a version."""
    created = client.create_function(CreateFunctionRequest(body=body(name, guest, entry, **more)))
    assert created.func_urn.endswith(f":{name}:latest"), created.func_urn
    return created.func_urn.removesuffix(":latest")


def delete(urn):
    client.delete_function(DeleteFunctionRequest(function_urn=urn))


def publish(urn, version=None, **more):
    request = CreateFunctionVersionRequestBody(version=version, **more)
    return client.create_function_version(CreateFunctionVersionRequest(function_urn=urn, body=request))


def invoke(urn, event, **headers):
    """A synchronous invocation whose answer is JSON, as the SDK needs it."""
    request = InvokeFunctionRequest(function_urn=urn, body=event, x_cff_request_version="v1", **headers)
    return client.invoke_function(request)


def fails(error_type, urn, event):
    """Fails unless the function does, with an error of this type. That is an answer, and no refusal."""
    answer = invoke(urn, event)
    equal((answer.status, result(answer)["errorType"]), (500, error_type))


def invoke_async(urn, event):
    return client.async_invoke_function(AsyncInvokeFunctionRequest(function_urn=urn, body=event)).request_id


def configure(urn, name, guest="hello", entry="handler", **more):
    """Changes a function's configuration; what the manual requires is filled in."""
    settings = {
        "func_name": name,
        "runtime": "Custom",
        "timeout": 30,
        "handler": f"{guest}.{entry}",
        "memory_size": 128,
        **more,
    }
    request = UpdateFunctionConfigRequestBody(**settings)
    return client.update_function_config(UpdateFunctionConfigRequest(function_urn=urn, body=request))


def refused(status, error_code, call, *args, **kwargs):
    """Fails unless the call is refused with this status and code, and with a text."""
    try:
        answer = call(*args, **kwargs)
    except exceptions.ServiceResponseException as error:
        assert (error.status_code, error.error_code) == (status, error_code), error
        assert error.error_msg, error
        assert error.request_id, "every answer has a request id"
        return error
    raise AssertionError(f"{status} {error_code} was expected, and this came: {answer}")


def eventually(what, check):
    """Asks until the answer is true. The server has no way to tell us when it is."""
    deadline = time.monotonic() + 30
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.05)


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def result(answer):
    """The value that a function answered: JSON in a string."""
    return json.loads(answer.result)
