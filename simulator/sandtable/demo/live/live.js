// The demo's page: shows where the story stands, and hands on what the presenter does.
"use strict";
const token = document.documentElement.dataset.token;
const at = (id) => document.getElementById(id);
let known = -1;
let lastIncident = "";

function item(step, pending) {
  const line = document.createElement("li");
  const title = Object.assign(document.createElement("span"), { className: "title", textContent: step.title });
  if (step.when) line.append(Object.assign(document.createElement("span"), { className: "when", textContent: step.when }));
  line.append(title);
  if (pending) { line.className = "pending"; return line; }
  line.append(" ", Object.assign(document.createElement("span"), { className: `outcome ${step.outcome.split(" ")[0]}`, textContent: step.outcome }));
  if (step.text) line.append(Object.assign(document.createElement("span"), { className: "detail", textContent: step.text }));
  if (step.requests.length) {
    const details = document.createElement("details");
    details.append(Object.assign(document.createElement("summary"), { textContent: `${step.requests.length} requests` }));
    for (const request of step.requests) details.append(Object.assign(document.createElement("span"), { className: "request", textContent: request }));
    line.append(details);
  }
  return line;
}
function draw(state) {
  if (state.version === known) return;
  known = state.version;
  const done = state.steps.filter((step) => step.outcome);
  at("steps").replaceChildren(...state.steps.map((step) => item(step, !step.outcome)));
  const current = at("steps").children[Math.max(done.length - 1, 0)];
  if (done.length && current) { current.classList.add("current"); current.scrollIntoView({ block: "nearest" }); }
  at("mine").replaceChildren(...state.own.map((step) => item(step, false)).reverse());
  at("progress").value = done.length; at("progress").max = state.steps.length;
  at("where").textContent = done.length === state.steps.length ? `The story is over. It is ${state.clock} UTC.` : `Step ${done.length} of ${state.steps.length}. It is ${state.clock} UTC.`;
  at("play").textContent = state.playing ? "Pause" : "Play";
  at("play").dataset.playing = state.playing;
  at("next").disabled = done.length === state.steps.length;
  at("pace").value = state.pace;
  at("privilege").textContent = state.broken ? "Mend the privilege" : "Break a privilege";
  at("privilege").dataset.do = state.broken ? "mend" : "break";
  if (!at("rule").options.length) at("rule").replaceChildren(...state.rules.map((rule) => new Option(rule.name, rule.id)));
  const touched = [...state.own, ...done].filter((step) => step.incident);
  lastIncident = (state.own.filter((step) => step.incident).pop() || touched[touched.length - 1] || {}).incident || "";
  at("last").disabled = !lastIncident;
  at("last").dataset.show = lastIncident ? `/incident.do?sys_id=${lastIncident}&sandtable_frame=none` : "";
}
async function look() {
  try {
    const answer = await fetch("/demo/state");
    if (answer.ok) draw(await answer.json());
  } catch { /* the demo has ended */ }
}
async function act(what, values = {}) {
  const answer = await fetch("/demo/do", { method: "POST", headers: { "X-Demo-Token": token }, body: JSON.stringify({ do: what, ...values }) });
  const state = await answer.json();
  if (answer.ok) draw(state); else at("where").textContent = state.error;
}
const own = () => ({ rule: at("rule").value, alert_id: at("alert").value, reason: at("reason").value });
at("play").addEventListener("click", () => act(at("play").dataset.playing === "true" ? "pause" : "play"));
at("next").addEventListener("click", () => act("next"));
at("restart").addEventListener("click", () => act("restart"));
at("pace").addEventListener("change", () => act("pace", { pace: at("pace").value }));
at("fire").addEventListener("click", () => act("fire", own()));
at("recover").addEventListener("click", () => act("recover", own()));
at("privilege").addEventListener("click", () => act(at("privilege").dataset.do));
for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => {
  at("view").src = button.dataset.show;
  for (const each of document.querySelectorAll("[data-show]")) each.setAttribute("aria-pressed", String(each === button));
});
setInterval(look, 700);
look();
