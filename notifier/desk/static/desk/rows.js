"use strict";
// Adds rows to the booking form, and hides rows that are taken away. Without it a form has the rows that it was shown with.
for (const button of document.querySelectorAll("[data-add]")) {
  const prefix = button.dataset.add;
  const rows = document.querySelector(`[data-rows="${prefix}"]`);
  const total = document.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
  button.hidden = false;
  button.addEventListener("click", () => {
    const made = document.createElement("div");
    made.innerHTML = rows.querySelector("template").innerHTML.replaceAll("__prefix__", total.value);
    total.value = Number(total.value) + 1;
    const row = made.firstElementChild;
    rows.append(row);
    row.querySelector("input, select").focus();
  });
}
document.addEventListener("change", (event) => {
  if (event.target.name?.endsWith("-DELETE")) {
    event.target.closest("[data-row]").classList.toggle("desk-gone", event.target.checked);
  }
});
