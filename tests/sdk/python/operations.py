"""Every operation of the SDK is called by a script here, or belongs to a part of the API that is not there yet."""

import inspect
import re
import sys
from pathlib import Path

from huaweicloudsdkfunctiongraph.v2 import FunctionGraphClient

# Sections 7.3 (dependencies), 7.5 (tracing), 7.10 (templates), 7.12 (import), 7.13 (triggers), 7.14 (workflows),
# 7.16 (applications), and the metrics of tenants and workflows.
LATER = """
batch_delete_function_triggers batch_delete_workflows create_callback_workflow create_dependency_version
create_function_app create_function_trigger create_workflow delete_dependency_version delete_function_app
delete_function_trigger export_function import_function list_app_templates list_dependencies list_dependency_version
list_function_applications list_function_template list_function_triggers list_workflow list_workflow_executions
retry_work_flow show_app_template show_dependency_version show_function_app show_function_template
show_function_trigger show_tenant_metric show_tracing show_work_flow show_work_flow_metric show_workflow_execution
show_workflow_execution_for_page start_sync_workflow_execution start_workflow_execution stop_work_flow
update_tracing update_trigger update_work_flow
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
