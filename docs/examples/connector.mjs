// A connector in thirty lines: a JSON request a line on standard input, a JSON answer a line on standard output.
import { createInterface } from "node:readline";

const hello = { types: [".servicenow"], actions: ["pushToService", "closeIncident"], authentication: ["basic"] };
Object.assign(hello, { parameters: [], forms: ["import"], checks: [], memory: "none" });
const closed = { u_state: "7", u_close_code: "Closed/Resolved by Caller", u_close_notes: "Closed by Caller" };

async function execute({ config, secrets, params }) {
  const base = config.apiUrl.replace(/\/$/, "");
  const authorization = "Basic " + Buffer.from(`${secrets.username}:${secrets.password}`).toString("base64");
  async function call(path, body) {
    const headers = { authorization, accept: "application/json", "content-type": "application/json" };
    const answer = await fetch(base + path, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return (await answer.json()).result;
  }
  const incident = params.subActionParams.incident;
  if ([...(incident.correlation_id ?? "")].length > 100) throw new Error("correlation_id: more than 100 characters");
  let body = Object.fromEntries(Object.entries(incident).map(([name, value]) => [`u_${name}`, value]));
  if (params.subAction === "closeIncident") {
    const wanted = incident.correlation_id.replaceAll("^", "^^");
    const query = encodeURIComponent(`active=true^correlation_id=${wanted}^ORDERBYDESCsys_created_on`);
    const found = await call(`/api/now/table/incident?sysparm_query=${query}`);
    if (!found.length) return {};
    body = { ...closed, elastic_incident_id: found[0].sys_id };
  }
  const [row] = await call("/api/now/import/x_elas2_inc_int_elastic_incident", body);
  if (row.status === "error") throw new Error(row.error_message);
  return { id: row.sys_id, title: row.display_value, url: `${base}/nav_to.do?uri=incident.do?sys_id=${row.sys_id}` };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const answer = "hello" in request ? { hello } : await execute(request)
    .then((data) => ({ status: "ok", data }))
    .catch((problem) => ({ status: "error", message: problem.name, service_message: problem.message, retry: true }));
  console.log(JSON.stringify(answer));
}
