"""Section 7.16: the application centre."""

from client import *


def templates(**query):
    return client.list_app_templates(ListAppTemplatesRequest(**query))


def create_application(name, template, **params):
    body = CreateFunctionAppRequestBody(name=name, template_id=template, description="made by a test", params=params)
    return client.create_function_app(CreateFunctionAppRequest(body=body)).application_id


def show(id):
    return client.show_function_app(ShowFunctionAppRequest(id=id))


def made(id):
    """The application, when it is made or has failed."""
    return eventually("the application's end", lambda: (shown := show(id)).status != "creating" and shown)


def applications(**query):
    return client.list_function_applications(ListFunctionApplicationsRequest(**query))


# 7.16.2, 7.16.1: what there is.
listed = templates(marker="0", maxitems="100", runtime="all", category="all", x_language="en-us")
names = [one.name for one in listed.templates]
equal((names, listed.count, listed.next_marker), (sorted(names), len(names), len(names)))
assert {"nightly-report", "upload-pipeline", "web-service", "web-shop"} <= set(names), names
ids = {one.name: one.id for one in listed.templates}
equal([one.name for one in templates(runtime="http").templates], ["web-service"])
report = client.show_app_template(ShowAppTemplateRequest(id=ids["nightly-report"]))
equal((report.name, report.deploy_count), ("nightly-report", 0))
equal([one["name"] for one in json.loads(report.params)], ["schedule", "report"])
assert base64.b64decode(report.image).startswith(b"\x89PNG"), report.image
equal([one.resource_name for one in report.resources], ["FunctionGraph", "TIMER"])

# 7.16.4, 7.16.5: functions and triggers come at once.
night = create_application("night", ids["nightly-report"], report="stock")
shown = made(night)
equal((shown.name, shown.status, shown.project_id), ("night", "success", PROJECT_ID))
equal((shown.stack_name, shown.stack_id, shown.description), ("night", night, "made by a test"))
first = shown.stack_resources
equal((first.logical_resource_type, first.physical_resource_name, first.resource_status),
      ("function", "night-report", "success"))
urn = first.physical_resource_id.removesuffix(":latest")
event = {"time": "2026-03-01T08:30:00+08:00", "trigger_type": "TIMER", "trigger_name": "t", "user_event": "stock"}
equal(result(invoke(urn, {"version": "v1.0", **event}))["report"], "stock")
(trigger,) = client.list_function_triggers(ListFunctionTriggersRequest(function_urn=urn)).body
equal((trigger.trigger_type_code, trigger.event_data.user_event), ("TIMER", "stock"))
deployed = client.show_app_template(ShowAppTemplateRequest(id=ids["nightly-report"]))
equal(deployed.deploy_count, 1)

# 7.16.3: they are listed.
(only,) = applications(limit="10", marker="0").applications
equal((only.id, only.name, only.status), (night, "night", "success"))
assert abs(only.last_modified_time / 1000 - time.time()) < 600, only

# One that cannot be made leaves nothing but its reason.
failed = made(create_application("odd", ids["nightly-report"], schedule="now and then"))
equal((failed.status, failed.stack_resources.resource_status), ("createFail", "deleted"))
functions = [one.func_name for one in client.list_functions(ListFunctionsRequest()).functions]
equal(functions, ["night-report"])

refused(409, "FSS.0409", create_application, "night", ids["nightly-report"])
refused(400, "FSS.0400", create_application, "a b", ids["nightly-report"])
refused(400, "FSS.0400", create_application, "day", ids["nightly-report"], colour="red")
nothing = "00000000-0000-0000-0000-000000000000"
refused(404, "FSS.0404", create_application, "day", nothing)
refused(404, "FSS.0404", client.show_app_template, ShowAppTemplateRequest(id=nothing))
refused(404, "FSS.0404", show, nothing)
refused(404, "FSS.0404", client.delete_function_app, DeleteFunctionAppRequest(id=nothing))

# 7.16.6: they go with all that is theirs.
for application in applications().applications:
    client.delete_function_app(DeleteFunctionAppRequest(id=application.id))
equal((applications().count, client.list_functions(ListFunctionsRequest()).functions), (0, []))
refused(404, "FSS.0404", show, night)
