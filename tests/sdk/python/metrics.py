"""Section 7.8: metrics, from what really ran."""

from client import *

good, bad = create("good", "faults", "echo"), create("bad", "faults", "fail")
for _ in range(3):
    invoke(good, {})
for _ in range(2):
    fails("OutOfTea", bad, {})

PERIOD = "60"


# 7.8.3, 7.8.5: of one function.
def total(series):
    # A minute without data has the value -1.
    return sum(point.value for point in series or [] if point.value > 0)


def statistics(urn):
    return client.list_function_statistics(ListFunctionStatisticsRequest(func_urn=urn, period=PERIOD))


eventually("the count", lambda: total(statistics(good).count) == 3)
eventually("the failures", lambda: total(statistics(bad).fail_count) == 2)
reports = client.show_function_metrics(ShowFunctionMetricsRequest(func_urn=good, period=PERIOD))
equal(total(reports.count), 3)
refused(404, "FSS.1051", statistics, NOBODY)

# 7.8.4: its instances.
instances = client.show_func_reserved_instance_metrics(ShowFuncReservedInstanceMetricsRequest(func_urn=good))
assert instances.instance_num is not None, instances

# 7.8.2: of all; `statistics` is an object.
whole = client.list_statistics(ListStatisticsRequest(filter="monitor_data", period=PERIOD))
equal(total(whole.statistics.count), 5)

# 7.8.1: in order.
now = int(time.time() * 1000)
ranked = client.list_function_as_metric(ListFunctionAsMetricRequest(
    type="count", start_time=str(now - 3_600_000), end_time=str(now + 120_000), limit="10"))
equal([(one.key.split(":")[6], one.value) for one in ranked.values], [("good", 3), ("bad", 2)])
