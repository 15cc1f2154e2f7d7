"""Sections 7.6.1 to 7.6.3, 7.6.6 to 7.6.8, 7.6.19: a function's life and configuration."""

from client import *


def make(**change):
    settings = {"name": "wrong", **change}
    return client.create_function(CreateFunctionRequest(body=body(**settings)))


# 7.6.2: what is created is answered.
created = make(name="first", description="the first", user_data='{"COLOUR":"blue"}', memory_size=256, package="shop")
equal((created.func_name, created.package, created.runtime, created.handler), ("first", "shop", "Custom", "hello.handler"))
equal((created.timeout, created.memory_size, created.cpu, created.version), (30, 256, 400, "latest"))
equal((created.code_type, created.description), ("zip", "the first"))
equal(json.loads(created.user_data), {"COLOUR": "blue"})
assert created.code_size > 0 and len(created.digest) == 128, created
assert created.func_urn.endswith(":function:shop:first:latest"), created.func_urn
equal(created.namespace, PROJECT_ID)
first = created.func_urn.removesuffix(":latest")

# What is wrong has a code of its own.
refused(409, "FSS.1061", make, name="first", package="shop")
for name in ("1st", "end-", "a b", "x" * 61):
    refused(400, "FSS.1002", make, name=name)
refused(400, "FSS.1003", make, handler="x" * 129)
refused(400, "FSS.1005", make, runtime="Cobol85")
refused(400, "FSS.1005", make, runtime="Python3.9")
for memory in (0, 100, 127, 129, 20480):
    refused(400, "FSS.1007", make, memory_size=memory)
for timeout in (-1, 0, 259201):
    refused(400, "FSS.1008", make, timeout=timeout)
refused(400, "FSS.1009", make, user_data="no JSON")
refused(400, "FSS.1017", make, user_data=json.dumps({f"K{i}": "" for i in range(21)}))
refused(400, "FSS.1018", make, user_data=json.dumps({"K": "x" * 5000}))
refused(400, "FSS.1019", make, description="x" * 513)
refused(400, "FSS.1404", make, initializer_handler="x" * 129, initializer_timeout=3)
refused(400, "FSS.1405", make, initializer_handler="hello.initializer", initializer_timeout=301)

# 7.6.1: they are listed, page by page and by package.
for number in range(3):
    create(f"other-{number}")


def names(**query):
    return sorted(one.func_name for one in client.list_functions(ListFunctionsRequest(**query)).functions)


equal(names(), ["first", "other-0", "other-1", "other-2"])
equal(names(package_name="shop"), ["first"])
equal(names(func_name="other-1"), ["other-1"])
seen, marker = [], "0"
for _ in range(4):
    page = client.list_functions(ListFunctionsRequest(marker=marker, maxitems="2"))
    assert len(page.functions) <= 2, page
    seen += [one.func_name for one in page.functions]
    if not page.functions or len(seen) >= 4:
        break
    marker = str(page.next_marker)
equal(sorted(seen), ["first", "other-0", "other-1", "other-2"])


# 7.6.6, 7.6.7: the configuration.
def config(urn):
    return client.show_function_config(ShowFunctionConfigRequest(function_urn=urn))


shown = config(first)
equal((shown.func_name, shown.memory_size, shown.digest), ("first", 256, created.digest))
changed = configure(first, "first", memory_size=512, timeout=60, description="changed", user_data='{"COLOUR":"red"}',
                    encrypted_user_data='{"SECRET":"tea"}', strategy_config=StrategyConfig(concurrency=7, concurrent_num=1))
equal((changed.memory_size, changed.timeout, changed.description), (512, 60, "changed"))
shown = config(first)
equal((shown.memory_size, shown.cpu, shown.strategy_config.concurrency), (512, 600, 7))
assert "tea" not in json.dumps(shown.to_dict(), default=str), "what is encrypted is not answered in clear"
refused(400, "FSS.1007", configure, first, "first", memory_size=1)
refused(400, "FSS.1008", configure, first, "first", timeout=0)
refused(404, "FSS.1051", configure, NOBODY, "nobody")
refused(404, "FSS.1051", config, NOBODY)
refused(404, "FSS.1052", config, f"{first}:v9")


# 7.6.8: the maximum of instances acts.
def most(number, urn=first):
    request = UpdateFunctionMaxInstanceConfigRequestBody(max_instance_num=number)
    return client.update_function_max_instance_config(
        UpdateFunctionMaxInstanceConfigRequest(function_urn=urn, body=request))


equal(most(0).strategy_config.concurrency, 0)
try:
    invoke(first, {"name": "Ada"})
    raise AssertionError("a disabled function was invoked")
except exceptions.ServiceResponseException as error:
    assert error.status_code in (403, 429), error
equal(most(-1).strategy_config.concurrency, -1)
equal(result(invoke(first, {"name": "Ada"})), {"message": "Hello, Ada!"})
for number in (-2, 1001):
    refused(400, "FSS.1026", most, number)
refused(404, "FSS.1051", most, 5, NOBODY)


# 7.6.19: what is pinned comes first.
def pin(urn, state):
    request = UpdateFunctionCollectStateRequest(func_urn=urn, state=state)
    return client.update_function_collect_state(request)


pinned = f"urn:fss:{first.split(':')[2]}:{PROJECT_ID}:function:default:other-2"
pin(pinned, "true")
equal(client.list_functions(ListFunctionsRequest()).functions[0].func_name, "other-2")
pin(pinned, "false")
refused(404, "FSS.1051", pin, NOBODY, "true")

# 7.6.3: a version, and a function with all that it has; `latest` stays.
publish(first, "v1")
equal(client.delete_function(DeleteFunctionRequest(function_urn=f"{first}:v1")).status_code, 204)
refused(404, "FSS.1052", config, f"{first}:v1")
refused(400, "FSS.1015", client.delete_function, DeleteFunctionRequest(function_urn=f"{first}:latest"))
delete(first)
refused(404, "FSS.1051", config, first)
refused(404, "FSS.1051", client.delete_function, DeleteFunctionRequest(function_urn=first))
equal(names(package_name="shop"), [])
