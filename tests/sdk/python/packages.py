"""Sections 7.6.4 and 7.6.5: code."""

from client import *


def show(urn):
    return client.show_function_code(ShowFunctionCodeRequest(function_urn=urn))


def update(urn, guest="hello", **change):
    settings = {"code_type": "zip", "code_filename": f"{guest}.zip", "func_code": code(guest), **change}
    request = UpdateFunctionCodeRequestBody(**settings)
    return client.update_function_code(UpdateFunctionCodeRequest(function_urn=urn, body=request))


urn = create("coded", "faults", "echo")
before = show(urn)
equal((before.func_name, before.code_type, before.runtime), ("coded", "zip", "Custom"))
assert before.code_size > 0 and len(before.digest) == 128, before

# The new code serves the next call; its digest tells it from the old one.
changed = update(urn, "both")
assert changed.digest != before.digest
configure(urn, "coded", "hello")
equal(result(invoke(urn, {"name": "Ada"})), {"message": "Hello, Ada!"})
equal(show(urn).digest, changed.digest)

# A published version keeps its own.
publish(urn, "v1")
update(urn, "hello")
equal(show(f"{urn}:v1").digest, changed.digest)
equal(result(invoke(f"{urn}:v1", {"name": "Ada"})), {"message": "Hello, Ada!"})

encoded = base64.b64encode(b"no package").decode()
refused(400, "FSS.1013", update, urn, func_code=FuncCode(file=encoded))
refused(400, "FSS.1011", update, urn, func_code=FuncCode(file="this is no base64!"))
refused(400, "FSS.1006", update, urn, code_type="tar")
refused(400, "FSS.1012", update, urn, func_code=None)
refused(413, "FSS.1072", update, urn, code_type="inline",
        func_code=FuncCode(file=base64.b64encode(b"x" * (1024 * 1024 + 1)).decode()))
refused(400, "FSS.1010", update, urn, code_type="obs", code_url="no address", func_code=None)
refused(404, "FSS.1051", update, NOBODY)
refused(404, "FSS.1051", show, NOBODY)
