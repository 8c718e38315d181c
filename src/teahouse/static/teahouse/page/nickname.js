/**
 * Changing one's nickname in place: sends the page's own form in the background, and says what came of it.
 */

import { element, find } from "./elements.js";
import { closesByItself } from "./fold.js";

/**
 * @param {HTMLDetailsElement} details      closed it shows the name, open the form
 * @param {{say: import("./words.js").Say, onRenamed: () => void}} parts
 */
export function nicknameForm(details, { say, onRenamed }) {
  const form = find(details, "form", HTMLFormElement);
  const input = find(form, "input[name=name]", HTMLInputElement);
  const problem = element("p", { class: "teahouse-problem", role: "alert" });
  form.append(problem);
  const close = closesByItself(details);
  details.addEventListener("toggle", () => details.open && input.select());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = await send(form).catch(() => say("no connection"));
    if (problem.textContent !== "") return;
    close();
    onRenamed();
  });
}

/** @param {HTMLDetailsElement} details @param {string} name */
export function showNickname(details, name) {
  find(details, ".teahouse-you-name", HTMLElement).textContent = name;
  if (!details.open) find(details, "input[name=name]", HTMLInputElement).value = name;
}

/** @param {HTMLFormElement} form @returns {Promise<string>} why it was refused, in the page that answers; empty when not */
async function send(form) {
  const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(/** @type {any} */ (new FormData(form))) });
  if (response.ok) return "";
  const answer = new DOMParser().parseFromString(await response.text(), "text/html");
  return answer.querySelector(".site-refusal")?.textContent?.trim() || String(response.status);
}
