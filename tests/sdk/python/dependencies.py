"""Section 7.3: dependencies, and functions that use them."""

import requests

from client import *


def upload(name, guest="discounts", call=None, **change):
    settings = {"depend_type": "zip", "runtime": "Custom", "name": name, "depend_file": code(guest).file, **change}
    request = CreateDependencyRequestBody(**settings)
    return client.create_dependency_version(CreateDependencyVersionRequest(body=request))


def listed(**query):
    return client.list_dependencies(ListDependenciesRequest(**query))


def versions(dependency, **query):
    return client.list_dependency_version(ListDependencyVersionRequest(depend_id=dependency, **query))


def show(dependency, version):
    return client.show_dependency_version(ShowDependencyVersionRequest(depend_id=dependency, version=str(version)))


def drop(dependency, version):
    return client.delete_dependency_version(DeleteDependencyVersionRequest(depend_id=dependency, version=str(version)))


# 7.3.3: what is uploaded is answered.
first = upload("discounts", description="what customers save")
equal((first.name, first.runtime, first.version, first.owner), ("discounts", "Custom", 1, PROJECT_ID))
equal((first.description, first.file_name, len(first.etag)), ("what customers save", "discounts.zip", 32))
assert first.size > 0 and first.last_modified > 1_600_000_000 and first.id != first.dep_id, first
second = upload("discounts", "both")
equal((second.version, second.dep_id), (2, first.dep_id))
refused(400, "FSS.1032", upload, "wrong", depend_type="tar")
refused(400, "FSS.1024", upload, "1st")
refused(400, "FSS.1024", upload, "wrong", depend_file=base64.b64encode(b"no zip").decode())
refused(400, "FSS.1005", upload, "wrong", runtime="Cobol85")
refused(400, "FSS.1019", upload, "wrong", description="x" * 513)
refused(400, "FSS.1010", upload, "wrong", depend_type="obs", depend_link="https://bucket.example.com/a.zip")

# 7.3.1: the list, page by page.
upload("words", "hello", runtime="Python3.9")
page = listed(marker="0", maxitems="1")
equal([(one.name, one.id, one.version) for one in page.dependencies], [("discounts", first.dep_id, 2)])
equal((page.count, page.next_marker), (2, 1))
equal([one.name for one in listed(marker=str(page.next_marker), limit="1").dependencies], ["words"])
equal([one.name for one in listed(runtime="Python3.9", dependency_type="private").dependencies], ["words"])
equal([one.name for one in listed(name="words", ispublic="false").dependencies], ["words"])
equal(listed(ispublic="true").dependencies, [])
refused(400, "FSS.1001", listed, marker="first")

# 7.3.4, 7.3.5: versions, and the zip itself.
equal([(one.version, one.id) for one in versions(first.dep_id).dependencies], [(2, second.id), (1, first.id)])
equal([one.version for one in versions(first.dep_id, marker="1", maxitems="1").dependencies], [1])
refused(404, "FSS.1056", versions, "nothing")
shown = show(first.dep_id, 1)
equal((shown.id, shown.etag, shown.version, shown.is_shared), (first.id, first.etag, 1, False))
zipped = requests.get(shown.download_link, timeout=30).content
equal(base64.b64encode(zipped).decode(), code("discounts").file)
refused(404, "FSS.1056", show, first.dep_id, 9)

# The library is deployed once, and two functions import it.
for name in ("shop", "other-shop"):
    made = client.create_function(CreateFunctionRequest(
        body=body(name, "checkout", "total", depend_version_list=[first.id])))
    equal((made.depend_version_list, [one.name for one in made.dependencies]), ([first.id], ["discounts"]))
    equal(result(invoke(made.func_urn, {"cents": 1000, "group": "member"})), {"total": 900})
refused(400, "FSS.1011", create, "alone", "checkout", "total")
refused(404, "FSS.1056", create, "alone", depend_version_list=["nothing"])
shown = client.show_function_code(ShowFunctionCodeRequest(function_urn=made.func_urn))
equal((shown.depend_version_list, [one.id for one in shown.dependencies]), ([first.id], [first.id]))

# 7.3.6: what is used stays.
error = refused(412, "FSS.1440", drop, first.dep_id, 1)
assert "is used by 2 functions" in error.error_msg, error
equal(drop(first.dep_id, 2).status_code, 204)
refused(404, "FSS.1056", drop, first.dep_id, 2)
for name in ("shop", "other-shop"):
    delete(f"urn:fss:local:{PROJECT_ID}:function:default:{name}")
drop(first.dep_id, 1)
equal([one.name for one in listed().dependencies], ["words"])

# The older operations, which the SDK has no longer: 7.3.2, 7.3.7 to 7.3.9.
identity = {
    "methods": ["password"],
    "password": {"user": {"name": os.environ["USER_NAME"], "password": os.environ["USER_PASSWORD"],
                          "domain": {"name": os.environ["USER_DOMAIN"]}}},
}
scope = {"project": {"id": PROJECT_ID}}
tokens = requests.post(f"{ENDPOINT}/v3/auth/tokens", json={"auth": {"identity": identity, "scope": scope}}, timeout=30)
headers = {"X-Auth-Token": tokens.headers["X-Subject-Token"]}


def older(method, path="", expected=200, error_code=None, **body):
    answer = requests.request(method, f"{ENDPOINT}/v2/{PROJECT_ID}/fgs/dependencies{path}", headers=headers,
                              json=body or None, timeout=30)
    told = answer.json() if answer.content else None
    equal((answer.status_code, told and told.get("error_code")), (expected, error_code))
    return told


settings = {"depend_type": "zip", "runtime": "Custom", "depend_file": code("hello").file}
made = older("POST", name="old", **settings)
older("POST", expected=409, error_code="FSS.1065", name="old", **settings)
equal(older("GET", f"/{made['id']}"), {**made, "link": older("GET", f"/{made['id']}")["link"]})
changed = older("PUT", f"/{made['id']}", name="renamed", description="changed", **settings)
equal((changed["id"], changed["name"], changed["description"]), (made["id"], "renamed", "changed"))
urn = create("uses-it", depend_version_list=[made["id"]])
older("PUT", f"/{made['id']}", 412, "FSS.1033", name="renamed", **settings)
older("DELETE", f"/{made['id']}", 412, "FSS.1033")
delete(urn)
upload("renamed", "hello")
older("PUT", f"/{made['id']}", 400, "FSS.1441", name="renamed", **settings)
older("DELETE", f"/{made['id']}", 400, "FSS.1441")
drop(changed["dep_id"], 2)
older("DELETE", f"/{made['id']}", 204)
older("GET", f"/{made['id']}", 404, "FSS.1056")
