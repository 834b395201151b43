// What the pages of connectors do by themselves; without it every form still sends.
"use strict";
document.addEventListener("click", (event) => {
  const asked = event.target.closest?.("[data-confirm]");
  if (asked && !window.confirm(asked.dataset.confirm)) event.preventDefault();
});
const oauth = document.getElementById("isOAuth");
const showMode = () => { for (const row of document.querySelectorAll("[data-mode]")) row.hidden = row.dataset.mode !== (oauth.checked ? "oauth" : "basic"); };
if (oauth) { oauth.addEventListener("change", showMode); showMode(); }
const eventChoice = document.getElementById("event");
const showEvent = () => { for (const row of document.querySelectorAll("[data-event]")) row.hidden = eventChoice.value === "resolve"; };
if (eventChoice) { eventChoice.addEventListener("change", showEvent); showEvent(); }
const category = document.getElementById("category");
const subcategory = document.getElementById("subcategory");
if (category && subcategory && subcategory.tagName === "SELECT") {
  const all = [...subcategory.options];
  const depend = () => {
    const chosen = subcategory.value;
    subcategory.replaceChildren(...all.filter((each) => !each.value || each.dataset.on === category.value));
    subcategory.value = [...subcategory.options].some((each) => each.value === chosen) ? chosen : "";
  };
  category.addEventListener("change", depend);
  depend();
}
document.addEventListener("keydown", (event) => {
  const close = document.querySelector(".flyout .close");
  if (event.key === "Escape" && close) close.click();
});
const wrong = document.querySelector(".flyout [aria-invalid]") || document.querySelector(".flyout input:not([type=hidden])");
// Whoever is typing already goes on where they are: a page that is still loading takes the focus from nobody.
if (wrong && document.activeElement === document.body) wrong.focus();
