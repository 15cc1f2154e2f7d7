"""Section 7.15: asynchronous configuration and requests."""

from client import *

urn, target = create("worker", "faults", "fail"), create("target", "faults", "echo")


def put(of=urn, **settings):
    request = UpdateFunctionAsyncInvokeConfigRequestBody(**settings)
    return client.update_function_async_invoke_config(
        UpdateFunctionAsyncInvokeConfigRequest(function_urn=of, body=request))


def show(of=urn):
    return client.show_function_async_invoke_config(ShowFunctionAsyncInvokeConfigRequest(function_urn=of))


# 7.15.3, 7.15.1.
refused(404, "FSS.1086", show)
failure = FuncDestinationConfig(destination="FunctionGraph", param=json.dumps({"func_urn": f"{target}:latest"}))
kept = put(max_async_event_age_in_seconds=600, max_async_retry_attempts=0, enable_async_status_log=True,
           destination_config=FuncAsyncDestinationConfig(on_failure=failure))
equal((kept.max_async_event_age_in_seconds, kept.max_async_retry_attempts), (600, 0))
shown = show()
equal((shown.func_urn, shown.enable_async_status_log), (f"{urn}:latest", True))
equal(json.loads(shown.destination_config.on_failure.param)["func_urn"], f"{target}:latest")
refused(404, "FSS.1051", put, NOBODY, max_async_retry_attempts=1)
refused(404, "FSS.1051", show, NOBODY)
for wrong in ({"max_async_event_age_in_seconds": 0}, {"max_async_event_age_in_seconds": 86401},
              {"max_async_retry_attempts": -1}, {"max_async_retry_attempts": 4}):
    refused(400, "FSS.1081", put, **wrong)

# 7.15.4: of all versions.
listed = client.list_function_async_invoke_config(ListFunctionAsyncInvokeConfigRequest(function_urn=urn))
equal((listed.count, [one.func_urn for one in listed.async_invoke_configs]), (1, [f"{urn}:latest"]))


# 7.15.5: a request is there until the end of its days, and its failure was told to the target.
def requests(of, **query):
    return client.list_async_invocations(ListAsyncInvocationsRequest(function_urn=of, **query)).invocations


request_id = invoke_async(urn, {"k": "v"})
eventually("the failure", lambda: any(one.status == "FAIL" for one in requests(urn, request_id=request_id)))
[ended] = requests(urn, request_id=request_id)
assert ended.error_code != 0 and ended.error_message, ended
eventually("the notice", lambda: any(one.status == "SUCCESS" for one in requests(target)))
equal([one.request_id for one in requests(urn, status="FAIL")], [request_id])
equal(requests(urn, status="SUCCESS"), [])
refused(404, "FSS.1051", requests, NOBODY)

# 7.15.6, 7.15.7: what goes on can be seen and stopped.
sleeper = create("sleeper", "faults", "spin", timeout=60)
put(sleeper, max_async_retry_attempts=0)
running = invoke_async(sleeper, {})


def active():
    listed = client.list_active_async_invocations(ListActiveAsyncInvocationsRequest(function_urn=sleeper))
    return [one.request_id for one in listed.invocations]


eventually("the start", lambda: any(one.status == "RUNNING" for one in requests(sleeper)))
equal(active(), [running])
stop = CancelAsyncInvocationRequestBody(request_id=running, type="force")
client.cancel_async_invocation(CancelAsyncInvocationRequest(function_urn=sleeper, body=stop))
eventually("the end", lambda: active() == [])
unknown = CancelAsyncInvocationRequestBody(request_id="00000000-0000-0000-0000-000000000000")
refused(404, "FSS.1051", client.cancel_async_invocation, CancelAsyncInvocationRequest(function_urn=NOBODY, body=unknown))

# 7.15.2.
gone = DeleteFunctionAsyncInvokeConfigRequest(function_urn=urn)
equal(client.delete_function_async_invoke_config(gone).status_code, 204)
refused(404, "FSS.1086", show)
refused(404, "FSS.1086", client.delete_function_async_invoke_config, gone)
