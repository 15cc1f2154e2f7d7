"""Sections 7.6.10 and 7.6.12: snapshots, which only published versions have."""

from client import *

urn = create("quick", "faults", "count", initializer_handler="faults.start_counting_at_ten", initializer_timeout=10)
publish(urn, "v1")


def switch(urn, action):
    return client.update_func_snapshot(UpdateFuncSnapshotRequest(function_urn=urn, action=action))


def state(urn):
    return client.show_func_snapshot_state(ShowFuncSnapshotStateRequest(function_urn=urn, action="state")).state


before = state(f"{urn}:v1")
switch(f"{urn}:v1", "enable")
assert eventually("a snapshot", lambda: state(f"{urn}:v1") != before and state(f"{urn}:v1"))
# Its memory is that of an instance whose initializer has run.
equal(invoke(f"{urn}:v1", {}).result, "11")
switch(f"{urn}:v1", "disable")
eventually("the end of the snapshot", lambda: state(f"{urn}:v1") == before)

refused(400, "FSS.1015", switch, f"{urn}:latest", "enable")
refused(400, "FSS.0400", switch, f"{urn}:v1", "prolong")
refused(404, "FSS.1051", switch, f"{NOBODY}:v1", "enable")
refused(404, "FSS.1051", state, f"{NOBODY}:v1")
refused(404, "FSS.1052", state, f"{urn}:v9")
