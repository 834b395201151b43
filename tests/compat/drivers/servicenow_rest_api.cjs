// Runs the npm package servicenow-rest-api, and prints what came of each step as JSON.
// Called with host:port of an instance over https; NODE_PATH names the folder of the package.
"use strict";
const assert = require("assert");
const ServiceNow = require("servicenow-rest-api");
const { version } = require("servicenow-rest-api/package.json");

const host = process.argv[2];
const print = console.log;
console.log = () => {};

const client = new ServiceNow(host, "admin", "admin");
const call = (name, ...given) =>
  new Promise((resolve, reject) => {
    client[name](...given, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
  });

const steps = {
  "create, read, update, delete": async () => {
    const made = await call("createNewTask", { short_description: "from npm", urgency: "1 - High" }, "incident");
    assert.strictEqual(made.urgency, "1 - High");
    const sysId = await call("getSysId", "incident", made.number);
    assert.strictEqual(sysId, made.sys_id);
    const changed = await call("UpdateTask", "incident", made.number, { short_description: "changed" });
    assert.strictEqual(changed.short_description, "changed");
    await call("DeleteTask", "incident", made.number);
    const left = await call("getTableData", ["number"], [`number=${made.number}`], "incident");
    assert.deepStrictEqual(left, []);
  },
  "query builder: fields and filters": async () => {
    const filters = ["short_descriptionSTARTSWITHcompat", "impact=2", "ORDERBYDESCshort_description"];
    const found = await call("getTableData", ["short_description", "impact"], filters, "incident");
    assert.strictEqual(found.length, 12);
    assert.deepStrictEqual(found[0], { short_description: "compat 34", impact: "2 - Medium" });
  },
  "display values": async () => {
    const [found] = await call("getTableData", ["caller_id"], ["short_description=compat 00"], "incident");
    assert.strictEqual(found.caller_id.display_value, "System Administrator");
  },
  "sample of a table": async () => {
    assert.strictEqual((await call("getSampleData", "change_request")).length, 0);
    assert.strictEqual((await call("getSampleData", "incident")).length, 1);
  },
  "attachments: list, metadata, download": async () => {
    const [record] = await call("getTableData", ["sys_id"], ["short_description=compat 00"], "incident");
    const listed = await call("getAllAttachmentsMetaData", record.sys_id);
    assert.strictEqual(listed.length, 1);
    const one = await call("getAttachmentMetaData", listed[0].sys_id);
    assert.strictEqual(one.file_name, "compat.txt");
    const file = await call("getAttachment", one.sys_id);
    assert.strictEqual(file.data, "compat\n");
    assert.strictEqual(JSON.parse(file.headers["x-attachment-metadata"]).sys_id, one.sys_id);
  },
  "tasks of a change by its number": async () => {
    const change = await call("createNewTask", { short_description: "compat" }, "change_request");
    const task = await call("createNewTask", { change_request: change.number }, "change_task");
    const tasks = await call("getChangeTasks", "change_task", change.number);
    assert.deepStrictEqual(tasks, [{ number: task.number, sys_id: task.sys_id }]);
  },
  "errors reach the callback": async () => {
    await assert.rejects(call("getSampleData", "nosuch"), (error) => error.response.status === 400);
  },
};

(async () => {
  const outcome = {};
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      outcome[name] = "";
    } catch (error) {
      outcome[name] = `${error.name}: ${error.message} ${error.config ? error.config.url : ""}`.slice(0, 600);
    }
  }
  print(JSON.stringify({ version, steps: outcome }));
})();
