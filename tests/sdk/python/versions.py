"""Section 7.7: versions and aliases."""

from client import *

urn = create("released", "faults", "context")


def alias(name, version, **more):
    request = CreateVersionAliasRequestBody(name=name, version=version, **more)
    return client.create_version_alias(CreateVersionAliasRequest(function_urn=urn, body=request))


def change(name, version, **more):
    request = UpdateVersionAliasRequestBody(version=version, **more)
    return client.update_version_alias(UpdateVersionAliasRequest(function_urn=urn, alias_name=name, body=request))


def show(name, of=urn):
    return client.show_version_alias(ShowVersionAliasRequest(function_urn=of, alias_name=name))


def versions(of=urn, **query):
    return client.list_function_versions(ListFunctionVersionsRequest(function_urn=of, **query))


def changed():
    """Something new to publish."""
    configure(urn, "released", "faults", "context", description=f"changed at {time.monotonic()}")


# 7.7.7: what is published is as it was.
first = publish(urn, "v1", description="the first")
equal((first.version, first.version_description, first.func_urn), ("v1", "the first", f"{urn}:v1"))
equal(result(invoke(f"{urn}:v1", {}))["version"], "v1")
refused(400, "FSS.1016", publish, urn, "v2")
changed()
refused(409, "FSS.1062", publish, urn, "v1")
refused(400, "FSS.1015", publish, urn, "latest")
refused(400, "FSS.1015", publish, urn, "no good name!")
publish(urn, "v2")
refused(404, "FSS.1051", publish, NOBODY, "v1")

# 7.7.6: they are listed, with `latest`.
listed = versions()
equal(sorted(one.version for one in listed.versions), ["latest", "v1", "v2"])
equal(listed.count, 3)
equal(len(versions(marker="0", maxitems="2").versions), 2)
refused(404, "FSS.1051", versions, NOBODY)

# 7.7.2, 7.7.4: an alias is a name for a version.
made = alias("live", "v1", description="for everybody")
equal((made.name, made.version, made.alias_urn), ("live", "v1", f"{urn}:!live"))
equal(show("live").version, "v1")
answer = result(invoke(f"{urn}:!live", {}))
equal((answer["version"], answer["alias"]), ("v1", "live"))
refused(409, "FSS.1063", alias, "live", "v2")
refused(409, "FSS.1066", alias, "other", "v1")
refused(404, "FSS.1052", alias, "other", "v9")
refused(400, "FSS.1014", alias, "no good name!", "v2")
refused(404, "FSS.1053", show, "nobody")
refused(404, "FSS.1051", show, "live", NOBODY)

# 7.7.5: it can point to another version, and share its calls.
equal(change("live", "v2").version, "v2")
equal(result(invoke(f"{urn}:!live", {}))["version"], "v2")
change("live", "v1", additional_version_weights={"v2": 50})
equal(show("live").additional_version_weights, {"v2": 50})
seen = {result(invoke(f"{urn}:!live", {}))["version"] for _ in range(100)}
equal(seen, {"v1", "v2"})
refused(400, "FSS.1093", change, "live", "v1", additional_version_weights={"v1": 50})
refused(400, "FSS.1092", change, "live", "v1", additional_version_weights={"v2": 101})
refused(400, "FSS.1091", change, "live", "v1", additional_version_weights={"v9": 50})
refused(403, "FSS.1094", client.delete_function, DeleteFunctionRequest(function_urn=f"{urn}:v2"))
refused(404, "FSS.1053", change, "nobody", "v1")

# 7.7.1: a bare array.
aliases = client.list_version_aliases(ListVersionAliasesRequest(function_urn=urn))
equal([one.name for one in aliases.body], ["live"])
refused(404, "FSS.1051", client.list_version_aliases, ListVersionAliasesRequest(function_urn=NOBODY))

# 7.7.3.
gone = DeleteVersionAliasRequest(function_urn=urn, alias_name="live")
equal(client.delete_version_alias(gone).status_code, 204)
refused(404, "FSS.1053", client.delete_version_alias, gone)
refused(404, "FSS.1053", invoke, f"{urn}:!live", {})

# There is room for twenty versions with `latest`, and for ten aliases.
for number in range(3, 20):
    changed()
    publish(urn, f"v{number}")
changed()
refused(403, "FSS.0403", publish, urn, "v20")
for number in range(1, 11):
    alias(f"a{number}", f"v{number}")
refused(403, "FSS.1043", alias, "a11", "v11")
