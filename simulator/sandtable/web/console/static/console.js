// What the pages of the console do by themselves. Every page works without it, with more clicks.
"use strict";

const root = document.documentElement.dataset.root || "";
const token = document.documentElement.dataset.token || "";
document.documentElement.classList.add("scripted");

const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element ? event.target.closest(selector) : null;
    if (found) act(found, event);
  });
const after = (milliseconds, act) => {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), milliseconds);
  };
};
const post = (url, values) =>
  fetch(url, {
    method: "POST",
    headers: { "X-UserToken": token },
    body: values instanceof FormData ? values : new URLSearchParams(values),
  });
function say(kind, text) {
  const banner = document.createElement("div");
  banner.className = `banner ${kind}`;
  banner.append(Object.assign(document.createElement("span"), { textContent: text }));
  document.getElementById("messages").replaceChildren(banner);
}

// navigator ------------------------------------------------------------------------------------------------------------
const wide = window.matchMedia("(min-width: 1024px)");
const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private windows have none */ } };
const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
function showNavigator(open) {
  document.body.classList.toggle("nav-open", open && !wide.matches);
  document.body.classList.toggle("no-nav", !open && wide.matches);
  document.querySelector("[data-navigator]")?.setAttribute("aria-expanded", String(open));
}
if (document.getElementById("navigator")) showNavigator(wide.matches && kept("sandtable.navigator") !== "closed");
on("click", "[data-navigator]", (button) => {
  const open = button.getAttribute("aria-expanded") !== "true";
  showNavigator(open);
  if (wide.matches) keep("sandtable.navigator", open ? "open" : "closed");
  if (open) document.querySelector("#navigator input").focus();
});
const current = decodeURIComponent(location.pathname + location.search);
[...document.querySelectorAll("#nav-all a")].find((link) => decodeURIComponent(link.getAttribute("href")) === current)?.setAttribute("aria-current", "page");
on("input", "#navigator .filter input", (input) => {
  const words = input.value.trim().toLowerCase();
  for (const menu of document.querySelectorAll("#nav-all > details")) {
    const title = menu.querySelector("summary").textContent.toLowerCase();
    let any = false;
    for (const item of menu.querySelectorAll("li")) {
      item.hidden = !(!words || title.includes(words) || item.textContent.toLowerCase().includes(words));
      any ||= !item.hidden;
    }
    menu.hidden = !any;
  }
});

// tabs: arrow keys move between them, as screen readers expect -----------------------------------------------------------
function chooseTab(tab, focus) {
  const list = tab.closest("[role=tablist]");
  for (const each of list.querySelectorAll("[role=tab]")) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(each.getAttribute("aria-controls"));
    if (panel) {
      if (panel.closest("#navigator")) panel.hidden = !chosen;
      else panel.toggleAttribute("data-later", !chosen);
    }
  }
  if (focus) tab.focus();
}
on("click", "[role=tab]", (tab) => chooseTab(tab, false));
on("keydown", "[role=tab]", (tab, event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
  chooseTab(tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length], true);
});
function openNamedTab() {
  const panel = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const tab = panel && panel.getAttribute("role") === "tabpanel" && document.getElementById(panel.getAttribute("aria-labelledby"));
  if (tab) chooseTab(tab, false);
  const wrong = document.querySelector(".record-form .wrong");
  const hiding = wrong && wrong.closest("[data-later]");
  if (hiding) chooseTab(document.getElementById(hiding.getAttribute("aria-labelledby")), false);
}
openNamedTab();

// menus close when something else is chosen -------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.user[open], .dropdown-button[open], .column-menu[open], .panel-button[open]"))
    if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.getElementById("popover").hidden = true;
  for (const menu of document.querySelectorAll("details.user[open], .dropdown-button[open], .column-menu[open], .panel-button[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
on("contextmenu", "[data-context-menu]", (head, event) => {
  if (event.target.closest("button, a, input")) return;
  event.preventDefault();
  head.querySelector("details.context").open = true;
});
on("click", "[data-back]", (link, event) => { event.preventDefault(); history.back(); });
on("change", "select[data-submit]", (select) => select.form.requestSubmit());
on("click", "[data-theme-switch]", () => {
  const now = document.documentElement.dataset.theme;
  const dark = now === "dark" || (now === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  const next = dark ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  document.cookie = `sandtable_theme=${next}; path=/; max-age=31536000; samesite=lax`;
});
document.querySelector("form[data-autosubmit]")?.requestSubmit();
on("click", "[data-copy], [data-copy-address]", async (button) => {
  const text = button.dataset.copy ?? location.origin + button.dataset.copyAddress;
  try { await navigator.clipboard.writeText(text); say("ok", "Copied."); } catch { window.prompt("Copy:", text); }
  const menu = button.closest("details");
  if (menu && !menu.classList.contains("request")) menu.open = false;
});
on("click", "[data-favourite]", async (button) => {
  const answer = await post(`${root}/_console/favourite`, { address: button.dataset.favourite, title: button.dataset.title });
  if (answer.ok) button.setAttribute("aria-pressed", String((await answer.json()).favourite));
});

// lists --------------------------------------------------------------------------------------------------------------------
on("change", "[data-tick-all]", (box) => {
  for (const each of box.closest("table").querySelectorAll("tbody input[name=sys_id]")) each.checked = box.checked;
});
on("click", "[data-confirm-action]", (button, event) => {
  if (document.getElementById("row-action").value !== "sysverb_delete_multiple") return;
  const count = document.querySelectorAll("tbody input[name=sys_id]:checked").length;
  if (count && !window.confirm(`Delete ${count} record${count === 1 ? "" : "s"}?`)) event.preventDefault();
});
on("submit", "#search-form", (form) => {
  for (const each of form.elements) if (each.name.startsWith("search:") && !each.value) each.disabled = true;
});
on("click", "[data-add-condition]", (button) => {
  const rows = button.closest("form").querySelector(".conditions");
  const row = rows.lastElementChild.cloneNode(true);
  const joint = row.querySelector("[name='c:joint']");
  joint.value = rows.children.length ? button.dataset.addCondition : "";
  row.querySelector("[name='c:field']").value = "";
  const value = row.querySelector("[name='c:value']");
  value.value = "";
  rows.append(row);
  if (window.htmx) window.htmx.process(row);
  row.querySelector("[name='c:field']").focus();
});
on("click", "[data-remove-condition]", (button) => {
  const rows = button.closest(".conditions");
  if (rows.children.length > 1) button.closest(".condition").remove();
  else { rows.querySelector("[name='c:field']").value = ""; rows.querySelector("[name='c:value']").value = ""; }
});

// live: ask for a version number, fetch what changed, mark it -----------------------------------------------------------------
const PERIOD = Number(document.documentElement.dataset.period || 1500);
function busy(box) {
  const active = document.activeElement;
  return box.matches(".dirty") || (active && box.contains(active) && active.matches("input:not([type=checkbox]), select, textarea"))
    || box.querySelector("details[open]:not(.group, .others, .request), tbody input:checked");
}
function mark(before, now) {
  const known = new Map([...before.querySelectorAll("tr[data-mark]")].map((row) => [row.id || row.textContent, row]));
  if (before.querySelector("tr[data-mark]") || before.querySelector(".empty"))
    for (const row of now.querySelectorAll("tr[data-mark]")) {
      const old = known.get(row.id || row.textContent);
      if (!old) row.classList.add("fresh");
      else if (old.dataset.mark !== row.dataset.mark) {
        row.classList.add("fresh-row");
        [...row.cells].forEach((cell, index) => {
          if (old.cells[index] && old.cells[index].textContent !== cell.textContent) cell.classList.add("fresh");
        });
      }
    }
  for (const field of now.querySelectorAll(".field[data-field]")) {
    const old = before.querySelector(`.field[data-field="${field.dataset.field}"]`);
    const text = (each) => [...each.querySelectorAll("input, select, textarea")].map((input) => (input.type === "checkbox" ? input.defaultChecked : input.tagName === "SELECT" ? [...input.options].findIndex((option) => option.defaultSelected) : input.defaultValue)).join("\n");
    if (old && text(old) !== text(field)) field.classList.add("fresh");
  }
  setTimeout(() => { for (const each of document.querySelectorAll(".fresh")) each.classList.remove("fresh"); }, 7000);
}
// Requests arrive while somebody reads, or is about to open, others: those stay the very same elements. One whose answer
// came meanwhile is drawn again, and stays open.
function follow(box, now) {
  const list = box.querySelector(".requests");
  const next = [...now.querySelectorAll("details.request")];
  const wanted = new Set(next.map((each) => each.id));
  for (const each of [...list.children]) if (!wanted.has(each.id)) each.remove();
  let place = list.firstElementChild;
  for (const each of next) {
    if (!place || place.id !== each.id) { list.insertBefore(each, place); continue; }
    const shown = place;
    place = place.nextElementSibling;
    if (shown.innerHTML !== each.innerHTML) { each.open = shown.open; shown.replaceWith(each); }
  }
  if (!next.length) list.replaceChildren(...now.querySelector(".requests").childNodes);
  box.querySelector(".hint").textContent = now.querySelector(".hint").textContent;
  Object.assign(box.dataset, now.dataset);
}
async function redraw(box) {
  const answer = await fetch(box.dataset.again, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById(box.id);
  if (!now || busy(box)) return false; // somebody has begun to type, or opened something, while this came
  if (box.querySelector("details.request")) { follow(box, now); return true; }
  const chosen = [...box.querySelectorAll("[role=tab][aria-selected=true]")].map((tab) => tab.id);
  const scroll = box.querySelector(".table-box")?.scrollLeft || 0;
  mark(box, now);
  box.replaceWith(now);
  if (window.htmx) window.htmx.process(now);
  for (const id of chosen) { const tab = document.getElementById(id); if (tab) chooseTab(tab, false); }
  if (now.querySelector(".table-box")) now.querySelector(".table-box").scrollLeft = scroll;
  prepare(now);
  return true;
}
async function look() {
  const box = document.querySelector("[data-live]");
  if (!box || document.hidden) return;
  let answer;
  try {
    answer = await fetch(box.dataset.liveUrl, { cache: "no-store", headers: { "If-None-Match": `"${box.dataset.live}"` } });
  } catch { return; }
  if (answer.status === 401) { say("warning", "Your session has ended. Save or reload this page to log in again; what you typed is kept."); box.removeAttribute("data-live"); return; }
  if (answer.status !== 200) return;
  const { version } = await answer.json();
  if (!busy(box)) { await redraw(box); return; }
  const note = box.querySelector(".changed-note");
  if (note) {
    // Somebody is typing: say so only when this very record is another now.
    const fresh = await fetch(box.dataset.again, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await fresh.text(), "text/html");
    const count = (place) => place.querySelector("[name=sysparm_mod_count]")?.value;
    if (fresh.status === 404) { note.querySelector("span").textContent = "This record was deleted by somebody else."; note.hidden = false; }
    else if (count(page) !== count(box)) note.hidden = false;
    box.dataset.live = version;
  }
}
(async function watch() {
  for (;;) {
    await new Promise((done) => setTimeout(done, PERIOD));
    await look();
  }
})();

// forms --------------------------------------------------------------------------------------------------------------------
function dependChoices(select) {
  const parent = document.getElementById(select.dataset.depends);
  if (!parent) return;
  select.all ||= [...select.options];
  const current = select.value;
  select.replaceChildren(...select.all.filter((option) => !option.dataset.on || option.dataset.on === parent.value || (option.defaultSelected && option.value === current)));
  select.value = [...select.options].some((option) => option.value === current) ? current : "";
}
function prepare(place) {
  for (const select of place.querySelectorAll("select[data-depends]")) dependChoices(select);
}
prepare(document);
on("change", ".record-form select", (select) => {
  for (const each of select.form.querySelectorAll(`select[data-depends="${CSS.escape(select.id)}"]`)) dependChoices(each);
});
const askMarks = after(150, async (form) => {
  const answer = await post(form.dataset.marks, new FormData(form));
  if (!answer.ok) return;
  const { mandatory, closed } = await answer.json();
  for (const field of form.querySelectorAll(".field[data-field]")) {
    const must = mandatory.includes(field.dataset.field);
    field.classList.toggle("mandatory", must);
    for (const input of field.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      if (must) input.setAttribute("aria-required", "true"); else input.removeAttribute("aria-required");
    }
    field.classList.toggle("closed", closed.includes(field.dataset.field));
  }
});
on("change", "form[data-marks]", (form) => askMarks(form));
on("input", "form[data-guard]", (form) => { form.closest("[data-live]")?.classList.add("dirty"); form.dataset.changed = "1"; });
on("submit", "form[data-guard]", (form, event) => {
  const asked = event.submitter?.dataset.confirm;
  if (asked && !window.confirm(asked)) { event.preventDefault(); return; }
  form.dataset.changed = "";
});
window.addEventListener("beforeunload", (event) => { if (document.querySelector('form[data-guard][data-changed="1"]')) event.preventDefault(); });
on("click", "[data-reveal]", async (button) => {
  const input = button.closest(".input").querySelector("input");
  if (input.type === "text" && input.readOnly) { input.type = "password"; input.readOnly = false; input.value = ""; return; }
  const answer = await post(button.dataset.reveal, {});
  if (!answer.ok) return say("error", "You may not see this.");
  input.type = "text"; input.readOnly = true; input.value = (await answer.json()).text;
  input.removeAttribute("name");
});
on("click", "[data-calendar]", (button) => {
  const input = button.closest(".input").querySelector("input:not([type=hidden])");
  const picker = Object.assign(document.createElement("input"), { type: button.dataset.calendar === "date" ? "date" : "datetime-local", step: 1 });
  picker.className = "visually-hidden"; picker.tabIndex = -1; picker.setAttribute("aria-hidden", "true");
  button.after(picker);
  const known = input.value.match(/^(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}:\d{2}))?$/);
  if (known) picker.value = known[2] && picker.type !== "date" ? `${known[1]}T${known[2]}` : known[1];
  picker.addEventListener("change", () => {
    input.value = picker.value.replace("T", " ") + (picker.type !== "date" && picker.value.length === 16 ? ":00" : "");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  picker.addEventListener("blur", () => picker.remove());
  picker.showPicker();
});

// references: a combobox with completion ---------------------------------------------------------------------------------------
const listOf = (input) => input.parentElement.querySelector(".choices");
function closeChoices(input) {
  listOf(input).hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}
function choose(input, option) {
  document.getElementById(input.dataset.of).value = option.dataset.value;
  input.value = option.dataset.text;
  closeChoices(input);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById(input.dataset.of).value = option.dataset.value;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
async function offer(input, all) {
  const text = all ? "" : input.value.trim();
  const answer = await fetch(`${input.dataset.complete}&q=${encodeURIComponent(text)}${all ? "&all=1" : ""}`);
  if (!answer.ok || (!all && input.value.trim() !== text)) return;
  const list = listOf(input);
  const found = await answer.json();
  list.replaceChildren(...found.map((each, index) => {
    const option = Object.assign(document.createElement("li"), { id: `${list.id}.${index}`, textContent: each.text });
    option.setAttribute("role", "option");
    option.dataset.value = each.value; option.dataset.text = each.text;
    if (each.beside) option.append(Object.assign(document.createElement("small"), { textContent: each.beside }));
    return option;
  }));
  if (!found.length) {
    const none = Object.assign(document.createElement("li"), { textContent: "Nothing is called that" });
    none.setAttribute("role", "option"); none.setAttribute("aria-disabled", "true");
    list.append(none);
  }
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
}
const offerSoon = after(180, (input) => offer(input, false));
on("input", "input[data-reference]", (input, event) => {
  if (!event.isTrusted) return;
  document.getElementById(input.dataset.of).value = "";
  if (input.value.trim()) offerSoon(input); else closeChoices(input);
});
on("keydown", "input[data-reference]", (input, event) => {
  const list = listOf(input);
  const options = [...list.querySelectorAll("li[data-value]")];
  const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) { offer(input, !input.value.trim()); return; }
    const next = options[(at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length];
    for (const each of options) each.setAttribute("aria-selected", String(each === next));
    if (next) { input.setAttribute("aria-activedescendant", next.id); next.scrollIntoView({ block: "nearest" }); }
  } else if (event.key === "Enter" && !list.hidden && options.length) {
    event.preventDefault();
    choose(input, options[Math.max(at, 0)]);
  } else if (event.key === "Escape") closeChoices(input);
});
on("mousedown", ".choices li[data-value]", (option, event) => { event.preventDefault(); choose(option.closest(".input").querySelector("input[data-reference]"), option); });
on("click", "[data-lookup]", (button) => { const input = button.closest(".input").querySelector("input[data-reference]"); input.focus(); offer(input, true); });
document.addEventListener("focusout", (event) => { if (event.target.matches?.("input[data-reference]")) setTimeout(() => { if (document.activeElement !== event.target) closeChoices(event.target); }, 150); });
on("click", "[data-preview]", async (button) => {
  const hidden = button.closest(".input").querySelector("input[type=hidden]");
  const url = new URL(button.dataset.preview, location.href);
  if (hidden && hidden.value) url.searchParams.set("sys_id", hidden.value);
  const answer = await fetch(url);
  const popover = document.getElementById("popover");
  popover.innerHTML = answer.ok ? await answer.text() : "";
  popover.hidden = !answer.ok;
  if (answer.ok) popover.querySelector("[data-close]").focus();
});
on("click", "[data-close]", () => { document.getElementById("popover").hidden = true; });
on("input", "input[data-tables]", after(200, async (input) => {
  const found = await (await fetch(`${input.dataset.tables}?q=${encodeURIComponent(input.value)}`)).json();
  let list = document.getElementById(`${input.id}.tables`);
  if (!list) {
    list = Object.assign(document.createElement("datalist"), { id: `${input.id}.tables` });
    input.after(list);
    input.setAttribute("list", list.id);
  }
  list.replaceChildren(...found.map((each) => Object.assign(document.createElement("option"), { value: each.value, textContent: each.text })));
}));

// attachments ------------------------------------------------------------------------------------------------------------------
on("click", "[data-attach]", () => {
  const section = document.getElementById("attachments");
  section.hidden = false;
  section.scrollIntoView({ block: "center" });
  section.querySelector("input[type=file]")?.focus();
});
async function upload(files) {
  const section = document.getElementById("attachments");
  const values = new FormData();
  for (const file of files) values.append("file", file);
  await post(section.dataset.upload, values);
  location.reload();
}
if (document.getElementById("attachments")) {
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    document.getElementById("attachments").hidden = false;
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dragging"); });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    document.body.classList.remove("dragging");
    upload(event.dataTransfer.files);
  });
}
on("click", "[data-delete-file]", async (button) => {
  if (!window.confirm("Delete this file?")) return;
  await post(`${root}/sys_attachment.do`, { sys_uniqueValue: button.dataset.deleteFile, sys_action: "sysverb_delete" });
  location.reload();
});

// slushbucket ------------------------------------------------------------------------------------------------------------------
function writeChosen(form) {
  const values = form.querySelector("#chosen-values");
  values.replaceChildren(...[...form.querySelector("#chosen").options].map((option) => Object.assign(document.createElement("input"), { type: "hidden", name: "chosen", value: option.value })));
}
function move(form, from, to) {
  const chosen = [...from.selectedOptions];
  to.append(...chosen);
  for (const option of chosen) option.selected = false;
  writeChosen(form);
}
on("click", "[data-move]", (button) => {
  const form = button.closest("form");
  const [offered, chosen] = [form.querySelector("#offered"), form.querySelector("#chosen")];
  if (button.dataset.move === "add") move(form, offered, chosen); else move(form, chosen, offered);
});
on("dblclick", "#offered, #chosen", (list) => {
  const form = list.closest("form");
  move(form, list, form.querySelector(list.id === "offered" ? "#chosen" : "#offered"));
});
on("input", "#bucket-filter", after(200, async (input) => {
  const form = input.closest("form");
  const found = await (await fetch(`${form.dataset.slushbucket}&q=${encodeURIComponent(input.value)}`)).json();
  const taken = new Set([...form.querySelector("#chosen").options].map((option) => option.value));
  const offered = form.querySelector("#offered");
  const marked = new Set([...offered.selectedOptions].map((option) => option.value)); // chosen while this was on its way
  offered.replaceChildren(...found.filter((each) => !taken.has(each.value)).map((each) => new Option(each.text, each.value, false, marked.has(each.value))));
}));
