"""Section 7.12: export and import."""

import io
import zipfile

import requests

from client import *


def export(urn, **what):
    """What is exported. The SDK's answer has no members, so they are read from what it was made of."""
    answer = client.export_function(ExportFunctionRequest(function_urn=urn, **what))
    told = json.loads(answer.raw_content)
    file = requests.get(told["code_url"], timeout=30)
    equal(file.status_code, 200)
    return told["file_name"], file.content


def load(file, **more):
    body = {"func_name": "", "file_name": "f.zip", "file_type": "zip",
            "file_code": base64.b64encode(file).decode(), **more}
    return client.import_function(ImportFunctionRequest(body=ImportFunctionRequestBody(**body)))


def packed(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return content.getvalue()


# What is exported and imported is the same function.
urn = create("original", description="Greets people", user_data=json.dumps({"COLOUR": "red"}),
             encrypted_user_data=json.dumps({"PASSWORD": "hunter2"}))
configure(urn, "original", strategy_config=StrategyConfig(concurrency=7, concurrent_num=2))
name, file = export(urn, config=True, code=True)
equal(name, "original.zip")
with zipfile.ZipFile(io.BytesIO(file)) as archive:
    equal(archive.namelist(), ["original.yaml", "code.zip"])
    yaml = archive.read("original.yaml").decode()
assert "PASSWORD" in yaml and "hunter2" not in yaml, yaml

copy = load(file, func_name="copy")
equal((copy.func_name, copy.package, copy.version), ("copy", "default", "latest"))
original = client.show_function_config(ShowFunctionConfigRequest(function_urn=urn))
for member in ["runtime", "timeout", "handler", "memory_size", "user_data", "digest", "description", "code_type",
               "code_filename", "code_size"]:
    equal(getattr(copy, member), getattr(original, member))
equal((copy.strategy_config.concurrency, copy.strategy_config.concurrent_num), (7, 2))
equal(json.loads(copy.raw_content)["missing_secrets"], ["PASSWORD"])
equal(result(invoke(copy.func_urn, {"name": "Ada"})), {"message": "Hello, Ada!"})

# One of the two.
name, config = export(urn, type="config")
equal((name, config.decode()), ("original.yaml", export(urn, config=True)[1].decode()))
name, package = export(urn, type="code")
equal((name, package), ("hello.zip", Path(os.environ["HELLO_ZIP"]).read_bytes()))

# Without a name it is called as it was, in its own package.
delete(urn)
equal(load(file).func_name, "original")
equal(load(file, func_name="third", package="shop").package, "shop")

for what in [{}, {"config": False}, {"type": "code", "config": True}]:
    refused(400, "FSS.1001", export, urn, **what)
refused(404, "FSS.1051", export, NOBODY, type="code")
refused(409, "FSS.1061", load, file)
refused(400, "FSS.1013", load, b"no zip")
refused(400, "FSS.1013", load, file, file_type="jar")
refused(400, "FSS.1011", load, file, file_code="no base64!")
refused(400, "FSS.1025", load, package, func_name="f")
refused(400, "FSS.1025", load, packed(f_yaml="a: b"), func_name="f")
refused(400, "FSS.1022", load, packed(f_yaml="a: b", g_yml="a: b"), func_name="f")
