"""Section 7.10: templates of functions."""

import io
import zipfile

from client import *


def templates(**query):
    return client.list_function_template(ListFunctionTemplateRequest(**query))


listed = templates(marker="0", maxitems="500", ispublic="true")
names = [one.template_name for one in listed.func_templates]
assert {"apig", "hello", "http-router", "order-pipeline", "timer", "thumbnail", "uploads"} <= set(names), names
equal(listed.next_marker, len(names))
equal(templates(ispublic="false").func_templates, [])
equal([one.template_name for one in templates(runtime="http").func_templates], ["http", "http-router"])
equal([one.template_name for one in templates(service="OBS", scene="file_processing").func_templates], ["uploads"])
pages = [templates(marker=str(at), maxitems="1").func_templates[0].template_name for at in range(2)]
equal(pages, names[:2])

# What a template says is what creating a function takes.
for listed_one in listed.func_templates:
    template = client.show_function_template(ShowFunctionTemplateRequest(template_id=listed_one.id))
    equal(template.code, listed_one.code)
    files = zipfile.ZipFile(io.BytesIO(base64.b64decode(template.code))).namelist()
    assert "Cargo.toml" in files and any(file.endswith(".wasm") for file in files), files
    # The SDK does not know where templates say which initializer they need; their warning says it too.
    needs_initializer = template.template_name == "order-pipeline"
    more = {"initializer_handler": "order_pipeline.prepare"} if needs_initializer else {}
    assert not needs_initializer or "order_pipeline.prepare" in template.temp_detail.warning, template.temp_detail
    made = client.create_function(CreateFunctionRequest(body=CreateFunctionRequestBody(
        func_name=template.template_name,
        package="default",
        runtime=template.runtime,
        handler=template.handler,
        memory_size=template.memory_size,
        timeout=template.timeout,
        code_type=template.code_type,
        func_code=FuncCode(file=template.code),
        user_data=template.user_data,
        **more,
    )))
    urn = made.func_urn.removesuffix(":latest")
    sample = template.temp_detail.input
    event = json.loads(sample) if sample.lstrip().startswith("{") else {"text": sample}
    answer = invoke(urn, event)
    equal((template.template_name, answer.status), (template.template_name, 200))
    delete(urn)

nothing = ShowFunctionTemplateRequest(template_id="00000000-0000-0000-0000-000000000000")
refused(404, "FSS.1059", client.show_function_template, nothing)
refused(400, "FSS.1001", templates, marker="first")
