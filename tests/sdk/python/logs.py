"""Section 7.9: logs."""

from client import *

urn = create("talkative", "faults", "write_log")
invoke(urn, {"say": "hello"})

# 7.9.3, 7.9.4: may be said again and again.
for _ in range(2):
    client.enable_async_status_log(EnableAsyncStatusLogRequest())
client.enable_lts_logs(EnableLtsLogsRequest())

# 7.9.1, 7.9.2: both tell where to look.
place = client.show_project_async_status_log_info(ShowProjectAsyncStatusLogInfoRequest())
assert place.group_id and place.stream_id, place
place = client.show_lts_log_details(ShowLtsLogDetailsRequest(function_urn=urn))
assert place.group_id and place.stream_id and place.group_name and place.stream_name, place
refused(404, "FSS.1051", client.show_lts_log_details, ShowLtsLogDetailsRequest(function_urn=NOBODY))
