"""Section 7.11: reserved instances."""

from client import *

urn = create("reserved", "faults", "count")
publish(urn, "v1")
version = f"{urn}:v1"


def reserve(of, count, **more):
    request = UpdateFunctionReservedInstancesCountRequestBody(count=count, **more)
    return client.update_function_reserved_instances_count(
        UpdateFunctionReservedInstancesCountRequest(function_urn=of, body=request))


# 7.11.2 with tactics.
cron = CronConfig(name="morning", cron="0 0 8 * * *", count=2, start_time=1700000000, expired_time=2000000000)
metric = MetricConfig(name="busy", type="Concurrency", threshold=80, min=1)
answer = reserve(version, 1, idle_mode=False, tactics_config=TacticsConfig(cron_configs=[cron], metric_configs=[metric]))
equal((answer.count, answer.idle_mode), (1, False))
equal([one.name for one in answer.tactics_config.cron_configs], ["morning"])
equal([(one.name, one.threshold) for one in answer.tactics_config.metric_configs], [("busy", 80)])

# 7.11.1.
listed = client.list_reserved_instance_configs(ListReservedInstanceConfigsRequest())
equal(listed.count, 1)
one = listed.reserved_instances[0]
equal((one.function_urn, one.qualifier_type, one.qualifier_name, one.min_count), (version, "version", "v1", 1))
equal(one.tactics_config.cron_configs[0].cron, "0 0 8 * * *")
equal(client.list_reserved_instance_configs(ListReservedInstanceConfigsRequest(function_urn=f"{urn}:latest")).count, 0)


# 7.11.3: what lives.
def living():
    listed = client.list_function_reserved_instances(ListFunctionReservedInstancesRequest(urn=version))
    return sum(one.count for one in listed.reservedinstances)


eventually("the reserved instance", lambda: living() == 1)
equal(invoke(version, {}).result, "1")

# Its function cannot change while it is there; with none, nothing is left of it.
refused(400, "FSS.1077", configure, version, "reserved", "faults", "count", timeout=60)
refused(400, "FSS.1076", reserve, version, 100000)
refused(400, "FSS.0400", reserve, version, -1)
refused(404, "FSS.1051", reserve, NOBODY, 1)
refused(404, "FSS.1052", reserve, f"{urn}:v9", 1)
refused(404, "FSS.1053", reserve, f"{urn}:!nobody", 1)
equal(reserve(version, 0).count, 0)
eventually("the end of the reserved instance", lambda: living() == 0)
equal(client.list_reserved_instance_configs(ListReservedInstanceConfigsRequest()).count, 0)

# An alias and its version do not both have some.
client.create_version_alias(CreateVersionAliasRequest(
    function_urn=urn, body=CreateVersionAliasRequestBody(name="live", version="v1")))
reserve(f"{urn}:!live", 1)
refused(400, "FSS.1426", reserve, version, 1)
