"""Section 7.13: triggers, one of each type."""

from client import *

urn = create("triggered")
other = create("triggered-too")
NOTHING = "00000000-0000-0000-0000-000000000000"


def make(type_code, status=None, urn=urn, **data):
    body = CreateFunctionTriggerRequestBody(trigger_type_code=type_code, trigger_status=status,
                                            event_data=TriggerEventDataRequestBody(**data))
    return client.create_function_trigger(CreateFunctionTriggerRequest(function_urn=urn, body=body))


def show(type_code, id, urn=urn):
    request = ShowFunctionTriggerRequest(function_urn=urn, trigger_type_code=type_code, trigger_id=id)
    return client.show_function_trigger(request)


def update(type_code, id, urn=urn, **body):
    request = UpdateTriggerRequest(function_urn=urn, trigger_type_code=type_code, trigger_id=id,
                                   body=UpdateTriggerRequestBody(**body))
    return client.update_trigger(request)


def drop(type_code, id, urn=urn):
    request = DeleteFunctionTriggerRequest(function_urn=urn, trigger_type_code=type_code, trigger_id=id)
    return client.delete_function_trigger(request)


def listed(urn=urn):
    # The SDK reads an empty list as nothing.
    return client.list_function_triggers(ListFunctionTriggersRequest(function_urn=urn)).body or []


def drop_all(urn=urn):
    return client.batch_delete_function_triggers(BatchDeleteFunctionTriggersRequest(function_urn=urn))


def said(made, **data):
    """Fails unless the trigger says all this of itself."""
    for name, value in data.items():
        equal((name, getattr(made.event_data, name)), (name, value))


# 7.13.3, 7.13.5: a timer is kept as it was made; its times are ones that the SDK reads.
rate = {"name": "Timer-l8v2", "schedule": "3m", "schedule_type": "Rate", "user_event": "tea"}
timer = make("TIMER", "ACTIVE", **rate)
equal((timer.status_code, timer.trigger_type_code, timer.trigger_status), (201, "TIMER", "ACTIVE"))
said(timer, **rate)
shown = show("TIMER", timer.trigger_id)
equal((shown.trigger_id, shown.created_time), (timer.trigger_id, timer.created_time))
assert str(shown.created_time).startswith("20"), shown.created_time
said(shown, **rate)
said(make("TIMER", name="noon", schedule="CRON_TZ=Europe/Berlin 0 0 12 ? * MON-FRI", schedule_type="Cron"),
     schedule="CRON_TZ=Europe/Berlin 0 0 12 ? * MON-FRI")

# 7.13.6: it is disabled and enabled; an empty list changes nothing.
equal(update("TIMER", timer.trigger_id, trigger_status="DISABLED").trigger_status, "DISABLED")
equal(show("TIMER", timer.trigger_id).trigger_status, "DISABLED")
again = update("TIMER", timer.trigger_id, trigger_status="ACTIVE", event_data=[])
equal(again.trigger_status, "ACTIVE")
said(again, **rate)

# The gateway.
for type_code in ("APIG", "DEDICATEDGATEWAY", "APIC"):
    api = make(type_code, "ACTIVE", name=f"API_{type_code}", path=f"/{type_code}", auth="NONE", type=1, protocol="HTTP",
               req_method="ANY", match_mode="SWA", env_name="RELEASE", env_id="DEFAULT_ENVIRONMENT_RELEASE_ID",
               group_id="g1", backend_type="FUNCTION", func_info=ApigTriggerFuncInfo(timeout=5000))
    said(api, api_name=f"API_{type_code}", path=f"/{type_code}", auth="NONE", group_id="g1", triggerid=api.trigger_id)
    assert api.event_data.invoke_url.startswith("http://127.0.0.1:"), api.event_data.invoke_url
    assert api.event_data.invoke_url.endswith(f"/{type_code}"), api.event_data.invoke_url
    info = api.event_data.func_info
    equal((info.function_urn, info.timeout, info.invocation_type, info.version), (urn, 5000, "sync", "latest"))
refused(409, "FSS.1147", make, "APIG", urn=other, path="/APIG", auth="NONE", func_info=ApigTriggerFuncInfo(timeout=1))
refused(400, "FSS.1107", make, "APIG", path="/x", auth="NONE")

# Object storage, by itself and through the event grid.
storage = {"bucket": "input-picture2", "events": ["s3:ObjectCreated:*"], "name": "obs-event-1ec7"}
said(make("OBS", "ACTIVE", **storage), **storage)
refused(403, "FSS.1108", make, "OBS", urn=other, bucket="input-picture2", events=["Put"])
grid = {"channel_name": "default", "channel_id": "c1", "source_name": "HC.OBS.DWR", "trigger_name": "eg-obs-trigger",
        "event_types": ["OBS:DWR:ObjectCreated:COPY"], "agency": "fgs_to_eg", "bucket": "images", "key_encode": True,
        "prefix": "images/"}
made = make("EVENTGRID", "ACTIVE", **grid)
said(made, status="ACTIVE", **grid)
equal(made.event_data.created_time, made.created_time)

# A topic.
topic = f"urn:smn:local:{PROJECT_ID}:Failed_times"
said(make("SMN", "ACTIVE", topic_urn=topic), topic_urn=topic)
refused(409, "FSS.1141", make, "SMN", topic_urn=topic)
refused(400, "FSS.1102", make, "SMN", topic_urn="Failed_times")

# 7.13.2: they are listed, a list without an object around it.
equal(len(listed()), 8)
equal(listed()[0].trigger_id, timer.trigger_id)

# What is not here is kept and never fires.
elsewhere = {
    "CTS": dict(name="audit", operations=["FunctionGraph:Functions:createFunction"]),
    "DDS": dict(instance_id="i", db_name="d", collection_name="c", db_password="hunter2", batch_size=100),
    "DMS": dict(queue_id="q", consumer_group_id="g", polling_interval=30),
    "DIS": dict(stream_name="s", sharditerator_type="LATEST", polling_interval=30, polling_unit="s", is_serial="true",
                batch_size=100, max_fetch_bytes=1024),
    "LTS": dict(log_group_id="g", log_topic_id="t"),
    "KAFKA": dict(instance_id="i", topic_ids=["t"], batch_size=100, kafka_ssl_enable=True, kafka_user="u",
                  kafka_password="hunter2", kafka_connect_address="127.0.0.1:9092"),
    "OPENSOURCEKAFKA": dict(topic_ids=["t"], kafka_connect_address="127.0.0.1:9092", batch_size=100),
    "RABBITMQ": dict(instance_id="i", exchange_name="e", access_password="hunter2", access_user="u", vhost="v",
                     connect_address="127.0.0.1:5672", ssl_enable=True, batch_size=100),
    "GeminiDB Mongo": dict(instance_id="i", db_name="d"),
    "IOTDA": dict(instance_id="i"),
}
for type_code, data in elsewhere.items():
    refused(412, "FSS.1153", make, type_code, "ACTIVE", urn=other, **data)
    kept = make(type_code, urn=other, **data)
    equal((kept.trigger_type_code, kept.trigger_status), (type_code, "DISABLED"))
    said(kept, **{name: "******" if "password" in name else value for name, value in data.items()})
    said(show(type_code, kept.trigger_id, other), **{k: v for k, v in data.items() if "password" not in k})
    refused(412, "FSS.1153", update, type_code, kept.trigger_id, urn=other, trigger_status="ACTIVE")
    if type_code == "DIS":
        change = UpdateriggerEventData(is_serial=False, max_fetch_bytes=2048, polling_interval=500, polling_unit="ms")
        said(update(type_code, kept.trigger_id, urn=other, event_data=[change]), is_serial="false",
             max_fetch_bytes=2048, polling_interval=500, polling_unit="ms", stream_name="s")
refused(400, "FSS.1306", make, "TIMER", urn=other, **rate)

refused(400, "FSS.1101", make, "CRON")
refused(400, "FSS.1109", make, "TIMER", name="t", schedule="61m", schedule_type="Rate")
refused(409, "FSS.1148", make, "TIMER", **rate)
refused(404, "FSS.1137", show, "CRON", NOTHING)
refused(404, "FSS.1140", show, "TIMER", NOTHING)
refused(404, "FSS.1132", show, "SMN", timer.trigger_id)
refused(404, "FSS.1140", update, "TIMER", NOTHING, trigger_status="ACTIVE")
refused(404, "FSS.1051", listed, NOBODY)
refused(404, "FSS.1051", make, "TIMER", urn=NOBODY, **rate)

# Triggers belong to a version or an alias.
publish(urn, "v1")
alias = CreateVersionAliasRequestBody(name="prod", version="v1")
client.create_version_alias(CreateVersionAliasRequest(function_urn=urn, body=alias))
make("TIMER", urn=f"{urn}:!prod", name="aliased", schedule="1h", schedule_type="Rate")
equal([one.event_data.name for one in listed(f"{urn}:!prod")], ["aliased"])
gone = DeleteVersionAliasRequest(function_urn=urn, alias_name="prod")
refused(403, "FSS.1154", client.delete_version_alias, gone)
equal(drop_all(f"{urn}:!prod").status_code, 204)
client.delete_version_alias(gone)

# 7.13.4, 7.13.1: one that is deleted is gone, and so are all.
equal(drop("TIMER", timer.trigger_id).status_code, 204)
refused(404, "FSS.1140", show, "TIMER", timer.trigger_id)
refused(404, "FSS.1140", drop, "TIMER", timer.trigger_id)
equal(len(listed()), 7)
drop_all(f"{urn}:latest")
equal(listed(), [])
