"""Section 4: who may ask. The server checks signatures, and projects are separate."""

from client import *

client.list_functions(ListFunctionsRequest())
refused(401, "FSS.0401", connect(secret_key="wrong" * 8).list_functions, ListFunctionsRequest())
refused(401, "FSS.0401", connect(access_key="AKNOBODYNOBODYNOBODY").list_functions, ListFunctionsRequest())
# The right key for another project.
try:
    connect(project_id="f" * 32).list_functions(ListFunctionsRequest())
except exceptions.ServiceResponseException as error:
    assert error.status_code in (401, 403), error
else:
    raise AssertionError("another project's functions were listed")
