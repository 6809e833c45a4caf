"use strict";
// Asks for a part of the page again, every data-every seconds while the page is seen, until what comes no longer names where to ask. Without it the page shows how things were.
const refresh = async (part) => {
  const again = (next) => setTimeout(() => refresh(next), Number(next.dataset.every) * 1000);
  if (document.hidden) {
    document.addEventListener("visibilitychange", () => refresh(part), { once: true });
    return;
  }
  let answer;
  try {
    answer = await fetch(part.dataset.refresh, { redirect: "manual", cache: "no-store" });
  } catch {
    again(part); // the server is being started anew, or the network is away
    return;
  }
  if (answer.status >= 500) {
    again(part);
    return;
  }
  if (!answer.ok) {
    return; // the right to see it is gone, or the log-in has ended
  }
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  const next = made.content.firstElementChild;
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.replaceWith(next);
  if (focused !== null) {
    next.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
  if (next.dataset.refresh) {
    again(next);
  }
};
for (const part of document.querySelectorAll("[data-refresh]")) {
  setTimeout(() => refresh(part), Number(part.dataset.every) * 1000);
}
