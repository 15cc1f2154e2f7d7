"""What a user does: create, invoke, publish, alias, invoke asynchronously, reserve. Only the endpoint is ours."""

from client import *

# Create.
created = client.create_function(CreateFunctionRequest(body=body("greeter", description="Greets people")))
equal(created.func_name, "greeter")
equal(created.version, "latest")
urn = created.func_urn.removesuffix(":latest")

# Invoke.
answer = invoke(urn, {"name": "Ada"}, x_cff_log_type="tail")
equal(answer.status, 200)
equal(result(answer), {"message": "Hello, Ada!"})
assert answer.request_id in answer.log, answer.log

# Publish.
version = publish(urn, "v1", description="first")
equal(version.version, "v1")
equal(version.func_urn, f"{urn}:v1")
equal(result(invoke(f"{urn}:v1", {"name": "Grace"})), {"message": "Hello, Grace!"})

# Alias.
alias = client.create_version_alias(
    CreateVersionAliasRequest(
        function_urn=urn, body=CreateVersionAliasRequestBody(name="live", version="v1", description="for everybody")
    )
)
equal((alias.name, alias.version, alias.alias_urn), ("live", "v1", f"{urn}:!live"))
equal(result(invoke(alias.alias_urn, {"name": "Edsger"})), {"message": "Hello, Edsger!"})

# Invoke asynchronously.
request_id = invoke_async(alias.alias_urn, {"name": "Barbara"})


def ended():
    request = ListAsyncInvocationsRequest(function_urn=alias.alias_urn, request_id=request_id)
    found = client.list_async_invocations(request).invocations
    return found and found[0].status == "SUCCESS" and found[0]


invocation = eventually("the asynchronous invocation's success", ended)
equal(invocation.error_code, 0)

# Reserve.
reserved = client.update_function_reserved_instances_count(
    UpdateFunctionReservedInstancesCountRequest(
        function_urn=alias.alias_urn, body=UpdateFunctionReservedInstancesCountRequestBody(count=1)
    )
)
equal(reserved.count, 1)
configs = client.list_reserved_instance_configs(ListReservedInstanceConfigsRequest(function_urn=alias.alias_urn))
equal([(one.qualifier_type, one.qualifier_name, one.min_count) for one in configs.reserved_instances],
      [("alias", "live", 1)])
equal(result(invoke(alias.alias_urn, {"name": "Donald"})), {"message": "Hello, Donald!"})

# And away with it.
client.update_function_reserved_instances_count(
    UpdateFunctionReservedInstancesCountRequest(
        function_urn=alias.alias_urn, body=UpdateFunctionReservedInstancesCountRequestBody(count=0)
    )
)
delete(urn)
refused(404, "FSS.1051", invoke, urn, {"name": "Ada"})
