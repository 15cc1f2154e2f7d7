"""Sections 7.6.11, 7.6.17, 7.6.18 and 7.6.20: what a single machine has no meaning for is refused in the manual's way,
or answered with nothing; it is never an error of the server."""

from client import *

urn = create("bridged")


def answered(call, request):
    try:
        return call(request)
    except exceptions.ClientRequestException as error:
        assert error.error_code.startswith("FSS.") and error.error_msg, error
        return None


answered(client.list_bridge_functions, ListBridgeFunctionsRequest(function_urn=urn, type="rds"))
answered(client.list_bridge_versions, ListBridgeVersionsRequest(type="rds"))
endpoint = CreateVpcEndpointRequestBody(vpc_id="vpc", subnet_id="subnet")
answered(client.create_vpc_endpoint, CreateVpcEndpointRequest(body=endpoint))
answered(client.delete_vpc_endpoint, DeleteVpcEndpointRequest(vpc_id="vpc", subnet_id="subnet"))
refused(404, "FSS.1051", client.list_bridge_functions, ListBridgeFunctionsRequest(function_urn=NOBODY, type="rds"))
