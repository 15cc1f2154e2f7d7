// What a user does: create, invoke, publish, alias, invoke asynchronously, reserve. Only the endpoint is ours.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as pause } from "node:timers/promises";

// The SDK is not installed beside this script.
const require = createRequire(`${process.env.SDK_FOLDER}/`);
const core = require("@huaweicloud/huaweicloud-sdk-core");
const sdk = require("@huaweicloud/huaweicloud-sdk-functiongraph/v2/public-api");

const { ENDPOINT, PROJECT_ID, ACCESS_KEY, SECRET_KEY, HELLO_ZIP } = process.env;

const credentials = new core.BasicCredentials().withAk(ACCESS_KEY).withSk(SECRET_KEY).withProjectId(PROJECT_ID);
const client = sdk.FunctionGraphClient.newBuilder().withCredential(credentials).withEndpoint(ENDPOINT).build();

/** Fails unless the call is refused with this status and code. */
async function refused(status, code, call) {
  await assert.rejects(call, (error) => {
    assert.deepEqual([error.httpStatusCode, error.errorCode], [status, code], JSON.stringify(error));
    return true;
  });
}

/** Asks until the answer is true. */
async function eventually(what, check) {
  const deadline = Date.now() + 30_000;
  while (!(await check())) {
    assert.ok(Date.now() < deadline, `${what} did not happen`);
    await pause(50);
  }
}

function invoke(urn, event) {
  const request = new sdk.InvokeFunctionRequest(urn);
  request.xCFFRequestVersion = sdk.InvokeFunctionRequestXCFFRequestVersionEnum?.V1 ?? "v1";
  return client.invokeFunction(request.withBody(event));
}

async function greeting(urn, name) {
  const answer = await invoke(urn, { name });
  assert.equal(answer.status, 200);
  return JSON.parse(answer.result).message;
}

// Create.
const code = new sdk.FuncCode();
code.file = readFileSync(HELLO_ZIP).toString("base64");
const settings = new sdk.CreateFunctionRequestBody("greeter", "default", "Custom", 30, "hello.handler", 128);
settings.codeType = "zip";
settings.codeFilename = "hello.zip";
settings.funcCode = code;
const created = await client.createFunction(new sdk.CreateFunctionRequest().withBody(settings));
assert.equal(created.func_name ?? created.funcName, "greeter");
const urn = (created.func_urn ?? created.funcUrn).replace(/:latest$/, "");
await refused(409, "FSS.1061", client.createFunction(new sdk.CreateFunctionRequest().withBody(settings)));

// Invoke.
assert.equal(await greeting(urn, "Ada"), "Hello, Ada!");

// Publish.
const version = await client.createFunctionVersion(
  new sdk.CreateFunctionVersionRequest(urn).withBody(new sdk.CreateFunctionVersionRequestBody().withVersion("v1")),
);
assert.equal(version.version, "v1");
assert.equal(await greeting(`${urn}:v1`, "Grace"), "Hello, Grace!");

// Alias.
await client.createVersionAlias(
  new sdk.CreateVersionAliasRequest(urn).withBody(new sdk.CreateVersionAliasRequestBody("live", "v1")),
);
const live = `${urn}:!live`;
assert.equal(await greeting(live, "Edsger"), "Hello, Edsger!");

// Invoke asynchronously.
const accepted = await client.asyncInvokeFunction(
  new sdk.AsyncInvokeFunctionRequest(urn).withBody({ name: "Barbara" }),
);
const requestId = accepted.request_id ?? accepted.requestId;
assert.ok(requestId);
await eventually("the asynchronous invocation's success", async () => {
  const request = new sdk.ListAsyncInvocationsRequest(urn);
  request.requestId = requestId;
  const { invocations } = await client.listAsyncInvocations(request);
  return invocations.some((one) => one.status === "SUCCESS");
});

// Reserve.
const reserve = (count) =>
  client.updateFunctionReservedInstancesCount(
    new sdk.UpdateFunctionReservedInstancesCountRequest(live).withBody(
      new sdk.UpdateFunctionReservedInstancesCountRequestBody(count),
    ),
  );
assert.equal((await reserve(1)).count, 1);
assert.equal(await greeting(live, "Donald"), "Hello, Donald!");
await reserve(0);

// And away with it.
await client.deleteFunction(new sdk.DeleteFunctionRequest(urn));
await refused(404, "FSS.1051", invoke(urn, { name: "Ada" }));
