"""Section 7.2: quotas, from what is really used."""

from client import *


def used():
    resources = client.list_quotas(ListQuotasRequest()).quotas.resources
    return {one.type: (one.used, one.quota) for one in resources}


before = used()
for kind in ("fgs_func_num", "fgs_func_code_size"):
    assert kind in before, before
equal(before["fgs_func_num"][0], 0)
urn = create("counted")
equal(used()["fgs_func_num"][0], 1)
delete(urn)
equal(used()["fgs_func_num"][0], 0)
assert all(0 <= one <= quota for one, quota in used().values()), used()
