"""Section 7.4: test events."""

from client import *

urn = create("tested")


def make(name, content):
    request = CreateEventRequestBody(name=name, content=base64.b64encode(content.encode()).decode())
    return client.create_event(CreateEventRequest(function_urn=urn, body=request))


def show(id):
    return client.show_event(ShowEventRequest(function_urn=urn, event_id=id))


# 7.4.2, 7.4.4: an event is kept as it was sent.
made = make("ada-1", '{"name":"Ada"}')
equal(made.name, "ada-1")
shown = show(made.id)
equal((shown.id, shown.name), (made.id, "ada-1"))
equal(base64.b64decode(shown.content).decode(), '{"name":"Ada"}')
assert abs(shown.last_modified - time.time()) < 600, shown.last_modified

# 7.4.1: they are listed.
make("grace", "{}")
listed = client.list_events(ListEventsRequest(function_urn=urn))
equal(sorted(one.name for one in listed.events), ["ada-1", "grace"])
equal(listed.count, 2)
assert isinstance(listed.next_marker, int)

# 7.4.5: its content can be changed.
changed = UpdateEventRequestBody(content=base64.b64encode(b'{"name":"Lovelace"}').decode())
equal(client.update_event(UpdateEventRequest(function_urn=urn, event_id=made.id, body=changed)).id, made.id)
equal(base64.b64decode(show(made.id).content), b'{"name":"Lovelace"}')

refused(403, "FSS.1073", make, "grace", "{}")
refused(403, "FSS.1069", make, "large", json.dumps("x" * 5000))
for name in ("1st", "a b", "x" * 26):
    refused(400, "FSS.1074", make, name, "{}")
for number in range(8):
    make(f"more-{number}", "{}")
refused(403, "FSS.1068", make, "one-too-many", "{}")
nothing = "00000000-0000-0000-0000-000000000000"
refused(404, "FSS.1070", show, nothing)
refused(404, "FSS.1070", client.update_event, UpdateEventRequest(function_urn=urn, event_id=nothing, body=changed))
refused(404, "FSS.1051", client.list_events, ListEventsRequest(function_urn=NOBODY))

# 7.4.3: one that is deleted is gone.
equal(client.delete_event(DeleteEventRequest(function_urn=urn, event_id=made.id)).status_code, 204)
refused(404, "FSS.1070", show, made.id)
refused(404, "FSS.1070", client.delete_event, DeleteEventRequest(function_urn=urn, event_id=made.id))
