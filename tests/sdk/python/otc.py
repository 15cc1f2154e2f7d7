"""The SDK of the cloud's European sister: tokens, bare colons in paths, an event that is a JSON string."""

import openstack
import requests
from openstack import exceptions as refusals
from otcextensions import sdk

from client import *

# Section 4.2: a token for a name and a password. Where nothing is checked, any token does.
identity = {
    "methods": ["password"],
    "password": {"user": {"name": os.environ["USER_NAME"], "password": os.environ["USER_PASSWORD"],
                          "domain": {"name": os.environ["USER_DOMAIN"]}}},
}
auth = {"auth": {"identity": identity, "scope": {"project": {"id": PROJECT_ID}}}}
answer = requests.post(f"{ENDPOINT}/v3/auth/tokens", json=auth, timeout=10)
token = answer.headers.get("X-Subject-Token", "anything")

connection = openstack.connect(
    load_yaml_config=False,
    load_envvars=False,
    auth_type="admin_token",
    auth={"endpoint": f"{ENDPOINT}/v2/{PROJECT_ID}", "token": token},
    function_graph_endpoint_override=f"{ENDPOINT}/v2/{PROJECT_ID}",
    region_name="local",
)
sdk.register_otc_extensions(connection)
functions = connection.functiongraph if hasattr(connection, "functiongraph") else connection.function_graph

# Create, list, read.
created = functions.create_function(
    func_name="sister", package="default", runtime="Custom", timeout=30, handler="faults.context", memory_size=128,
    code_type="zip", code_filename="faults.zip", func_code={"file": code("faults").file})
assert created.func_urn.endswith(":sister:latest"), created.func_urn
equal([one.func_name for one in functions.functions()], ["sister"])
equal(functions.get_function_metadata(created).memory_size, 128)
equal(functions.get_function_code(created).code_type, "zip")

# Invoke, both ways.
functions.executing_function_synchronously(created.func_urn, attrs={"k": "v"})
functions.executing_function_asynchronously(created.func_urn, attrs={"k": "v"})

# Publish, alias.
version = functions.publish_version(created, version="v1", description="first")
equal(version.version, "v1")
# It finds the function of a new alias by its id, which it never sets itself.
created._update(id=created.func_urn)
functions.create_alias(created, name="live", version="v1")
equal([one.name for one in functions.aliases(created.func_urn)], ["live"])
equal(sorted(one.version for one in functions.versions(created.func_urn)), ["latest", "v1"])

# Events, tags, quotas, the maximum of instances.
functions.create_event(created, name="event", content=base64.b64encode(b"{}").decode())
equal([one.name for one in functions.events(created.func_urn)], ["event"])
functions.create_resource_tags(created, [{"key": "team", "value": "red"}])
functions.delete_resource_tags(created, [{"key": "team", "value": "red"}])
assert list(functions.quotas())
functions.update_max_instances(created, 5)

# Delete.
functions.delete_function(created)
equal(list(functions.functions()), [])
try:
    functions.get_function_metadata(created)
except refusals.NotFoundException as error:
    assert "FSS.1051" in str(error) or getattr(error, "details", None), error
else:
    raise AssertionError("a deleted function was found")
