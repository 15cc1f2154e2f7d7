"""Sections 7.6.9 and 7.6.13 to 7.6.16: tags."""

from client import *

KIND = "functions"
one, two = create("one"), create("two")


def tag(urn, **tags):
    listed = [KvItem(key=key, value=value) for key, value in tags.items()]
    request = UpdateFunctionTagsRequestBody(action="create", tags=listed)
    return client.create_tags(CreateTagsRequest(resource_type=KIND, resource_id=urn, body=request))


def untag(urn, **tags):
    listed = [KvItem(key=key, value=value) for key, value in tags.items()]
    request = UpdateFunctionTagsRequestBody(action="delete", tags=listed)
    return client.delete_tags(DeleteTagsRequest(resource_type=KIND, resource_id=urn, body=request))


def tags(urn):
    listed = client.list_function_tags(ListFunctionTagsRequest(resource_type=KIND, resource_id=urn)).tags
    return {one.key: one.value for one in listed}


# 7.6.16, 7.6.9.
equal(tag(one, team="red", stage="live").status_code, 204)
tag(two, team="blue", stage="live")
equal(tags(one), {"team": "red", "stage": "live"})
tag(one, team="green")
equal(tags(one), {"team": "green", "stage": "live"})

# 7.6.13: the values of each key in the project.
project = client.show_project_tags_list(ShowProjectTagsListRequest(resource_type=KIND)).tags
equal({one.key: sorted(one.values) for one in project}, {"team": ["blue", "green"], "stage": ["live"]})


# 7.6.14: who has them.
def find(action, **query):
    request = ListEnterpriseResourceRequestBody(action=action, **query)
    return client.show_res_instance_info(ShowResInstanceInfoRequest(resource_type=KIND, action=action, body=request))


found = find("filter", matches=[KvItem(key="resource_name", value="one")], limit="10", offset="0")
equal([one.resource_name for one in found.resources], ["one"])
equal({tag.key: tag.value for tag in found.resources[0].tags}, {"team": "green", "stage": "live"})
equal(find("filter", limit="1", offset="1").total_count, 2)
equal(find("count").total_count, 2)

# 7.6.15.
equal(untag(one, team="green").status_code, 204)
equal(tags(one), {"stage": "live"})
untag(one, stage="live")
equal(tags(one), {})

many = {f"key-{number}": "" for number in range(21)}
refused(400, "FSS.0400", tag, one, **many)
refused(400, "FSS.0400", tag, one, **{"k" * 129: "v"})
refused(400, "FSS.0400", tag, one, key="v" * 256)
