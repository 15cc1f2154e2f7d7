"""Section 7.1: invocations."""

from client import *

urn = create("faulty", "faults", "echo")

# 7.1.1: the answer holds the event, the log's tail, and an id.
answer = invoke(urn, {"k": "v"})
equal((answer.status, json.loads(answer.result)), (200, {"k": "v"}))
assert answer.request_id
assert answer.request_id in answer.log

# Without a version of the answer, its body is what the function answered.
raw = client.invoke_function(InvokeFunctionRequest(function_urn=urn, body={"k": "v"}))
equal(json.loads(raw.raw_content), {"k": "v"})

# An instance serves one call after the other, unless the function has not got one.
counter = create("counter", "faults", "count")
equal([invoke(counter, {}).result for _ in range(3)], ["1", "2", "3"])

# The memory of one invocation.
equal(result(invoke(create("context", "faults", "context", enable_dynamic_memory=True), {}, x_cff_instance_memory="256"))
      ["memory"], 256)

# A function that fails, one that is too slow, one that wants too much, and one that is not there.
fails("OutOfTea", create("failing", "faults", "fail"), {})
equal(invoke(create("slow", "faults", "spin", timeout=3), {}).status, 500)
equal(invoke(create("hungry", "faults", "hog"), {}).status, 500)
refused(404, "FSS.1051", invoke, NOBODY, {})
refused(404, "FSS.1052", invoke, f"{urn}:v9", {})
refused(404, "FSS.1053", invoke, f"{urn}:!nobody", {})

# 7.1.2: what was accepted is done.
request_id = invoke_async(counter, {})
assert request_id


def status():
    request = ListAsyncInvocationsRequest(function_urn=counter, request_id=request_id)
    found = client.list_async_invocations(request).invocations
    return found and found[0].status == "SUCCESS"


eventually("the asynchronous invocation", status)
refused(404, "FSS.1051", invoke_async, NOBODY, {})
