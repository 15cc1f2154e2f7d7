"""Every operation of the SDK is called by a script here, or belongs to a part of the API that is not there yet."""

import inspect
import re
import sys
from pathlib import Path

from huaweicloudsdkfunctiongraph.v2 import FunctionGraphClient

# Section 7.14 (workflows), and the metrics of tenants and workflows.
LATER = """
batch_delete_workflows create_callback_workflow create_workflow list_workflow list_workflow_executions retry_work_flow
show_tenant_metric show_work_flow show_work_flow_metric show_workflow_execution show_workflow_execution_for_page
start_sync_workflow_execution start_workflow_execution stop_work_flow update_work_flow
""".split()


def is_operation(name, member):
    return list(inspect.signature(member).parameters) == ["self", "request"] and not name.startswith("_") \
        and not name.endswith("_invoker")


operations = {name for name, member in inspect.getmembers(FunctionGraphClient, inspect.isfunction)
              if is_operation(name, member)}
scripts = "".join(path.read_text() for path in Path(__file__).parent.glob("*.py") if path != Path(__file__))
called = set(re.findall(r"client\.(\w+)", scripts))
assert len(operations) > 80, f"the SDK has {len(operations)} operations: is this the right class?"
missing = sorted(operations - called - set(LATER))
stale = sorted(set(LATER) & called | set(LATER) - operations)
if missing or stale:
    sys.exit(f"no script calls {missing}; called or gone although they are listed as later: {stale}")
