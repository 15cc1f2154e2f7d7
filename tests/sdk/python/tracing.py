"""Section 7.5: for whom functions are traced."""

from client import *

urn = create("traced", "faults", "echo")


def show(urn):
    return client.show_tracing(ShowTracingRequest(function_urn=urn))


def update(urn, **keys):
    return client.update_tracing(UpdateTracingRequest(function_urn=urn, body=UpdateTracingRequestBody(**keys)))


refused(404, "FSS.0404", show, urn)
equal(update(urn, tracing_ak="xxx", tracing_sk="yyy").status_code, 200)
shown = show(urn)
equal((shown.tracing_ak, shown.tracing_sk), ("xxx", "*****"))

refused(400, "FSS.0400", update, urn, tracing_ak="xxx")
refused(400, "FSS.0400", update, urn, tracing_ak="", tracing_sk="yyy")
equal(show(urn).tracing_ak, "xxx")
update(urn, tracing_ak="", tracing_sk="")
refused(404, "FSS.0404", show, urn)

refused(404, "FSS.1051", show, NOBODY)
refused(404, "FSS.1051", update, NOBODY, tracing_ak="xxx", tracing_sk="yyy")
