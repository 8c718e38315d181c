/**
 * Where a person writes: drafts that are never lost, Enter that sends, and edits of what was sent; the room view has one.
 */

import { button, element, find, icon } from "./elements.js";
import { friendly } from "./words.js";

/**
 * @typedef {import("./shown.js").Shown} Shown
 * @typedef {import("./drafts.js").Draft} Draft
 * @typedef {{seq: number, changed: number}} Edit    which message, and the version that is edited
 *
 * @typedef {object} ComposerParts
 * @property {HTMLFormElement} form
 * @property {import("./drafts.js").Drafts} drafts
 * @property {import("./words.js").Say} say
 * @property {() => number} limit                              characters that a message may have
 * @property {(text: string) => void} onPost
 * @property {(edit: Edit, text: string) => Promise<{changed: number}>} onEdit   with the new version; rejects with a Refusal
 * @property {() => Shown | null} lastOwn                      what the Up key edits
 * @property {(seq: number | null) => void} onEditing          which message is being edited
 */

export class Composer {
  #uid = /** @type {string | null} */ (null);
  /** What is edited, as it stood; the draft waits beside it. @type {{seq: number, changed: number, draft: string} | null} */
  #editing = null;
  #saving = false;
  #waiting = false;

  /** @param {ComposerParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.form = parts.form;
    this.area = find(parts.form, "textarea", HTMLTextAreaElement);
    this.submit = find(parts.form, "button[type=submit]", HTMLButtonElement);
    this.banner = element("div", { class: "teahouse-banner", hidden: true });
    this.note = element("p", { class: "teahouse-note", role: "status" });
    this.form.prepend(this.banner);
    this.form.append(this.note);
    this.area.setAttribute("enterkeyhint", "send");
    this.area.removeAttribute("required");
    this.submit.title = this.submit.textContent ?? "";
    this.submit.setAttribute("aria-label", this.submit.title);
    this.submit.replaceChildren(icon("send"));
    this.#listen();
    this.#fit();
  }

  /** What is typed and not sent. */
  get text() {
    return this.area.value;
  }

  /** From now on this is who writes: their draft is shown, and nobody else's. @param {string} uid */
  belongTo(uid) {
    if (uid === this.#uid) return;
    const nobodyYet = this.#uid === null;
    this.#uid = uid;
    const kept = this.parts.drafts.load(uid);
    // First, for what waits beside an edit is written into the field then.
    if (!nobodyYet) this.#leaveEdit();
    // What stands there already was typed before it was known who types, or came back from a refused form.
    if (!nobodyYet || this.text === "") this.#write(kept.text);
    if (kept.editing && this.#editing === null) this.#enterEdit(kept.editing, kept.editing.text);
    this.#keep();
  }

  /** @param {boolean} allowed */
  allow(allowed) {
    this.form.classList.toggle("teahouse-closed", !allowed);
    this.area.readOnly = !allowed;
    this.#holds();
  }

  /** Slow mode: one may go on writing, and not post yet. @param {boolean} waiting */
  wait(waiting) {
    this.#waiting = waiting;
    this.#holds();
  }

  #holds() {
    // An edit is no new message.
    this.submit.disabled = this.area.readOnly || (this.#waiting && !this.#editing);
  }

  /** Put a text that was not sent back, before what is being written. @param {string} text */
  takeBack(text) {
    if (this.#editing) this.#leaveEdit();
    this.#write(this.text === "" ? text : `${text}\n${this.text}`);
    this.#keep();
    this.focus();
  }

  /** @param {Shown} message   one's own, in the log */
  edit(message) {
    if (message.seq === null) return;
    this.#enterEdit({ seq: message.seq, changed: message.changed }, message.text);
    this.#keep();
    this.focus();
  }

  /** Say what became of something, under the field. @param {string} text */
  tell(text) {
    this.note.textContent = text;
  }

  focus() {
    this.area.focus();
    this.area.setSelectionRange(this.text.length, this.text.length);
  }

  #listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.area.addEventListener("keydown", (event) => this.#pressed(event));
    this.area.addEventListener("input", () => {
      this.form.querySelector(".teahouse-refusal")?.remove();
      this.#fit();
      this.#keep();
    });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    // While characters are being composed, Enter chooses among them; Safari says so by the key code alone.
    if (event.isComposing || event.keyCode === 229) return;
    const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) this.#send();
    else if (event.key === "Escape" && this.#editing) this.#cancel();
    else if (event.key === "ArrowUp" && plain && this.text === "" && !this.#editing) this.#editLast();
    else return;
    event.preventDefault();
    // What the key meant here it should not mean to the page around as well.
    event.stopPropagation();
  }

  #editLast() {
    const last = this.parts.lastOwn();
    if (last) this.edit(last);
  }

  #send() {
    const text = this.text;
    if (text.trim() === "" || this.submit.disabled || this.#saving || this.#excess() > 0) return;
    if (this.#editing) {
      void this.#save(this.#editing, text);
      return;
    }
    this.parts.onPost(text);
    this.#write("");
    this.#keep();
    // Pressing the button must not close a phone's keyboard.
    this.area.focus({ preventScroll: true });
  }

  /** @param {Edit} editing @param {string} text */
  async #save(editing, text) {
    this.#saving = true;
    this.note.textContent = "";
    try {
      const { changed } = await this.parts.onEdit(editing, text);
      if (this.#editing === editing) this.#saved(editing, changed, text);
    } catch (refusal) {
      if (this.#editing === editing) this.#refused(/** @type {any} */ (refusal));
    } finally {
      this.#saving = false;
    }
  }

  /** What was typed on meanwhile is not lost: it is a further edit. @param {Edit} editing @param {number} changed @param {string} text */
  #saved(editing, changed, text) {
    if (this.text === text) {
      this.#cancel();
    } else {
      editing.changed = changed;
      this.#keep();
    }
  }

  /** @param {{code: string, message: string, standing: import("../client/index.js").MessageRow | null}} refusal */
  #refused(refusal) {
    if (refusal.code === "conflict" && refusal.standing && this.#editing) {
      this.#editing.changed = refusal.standing.changed;
      this.#showConflict(refusal.standing);
      this.#keep();
    } else {
      this.note.textContent = friendly(this.parts.say, refusal);
    }
  }

  /** Both texts stay in view: theirs above, one's own in the field; saving again puts one's own in its place. @param {import("../client/index.js").MessageRow} standing */
  #showConflict(standing) {
    const { say } = this.parts;
    const now = standing.deleted ? say("deleted") : (standing.text ?? "");
    this.banner.append(
      element("p", { class: "teahouse-conflict", role: "alert" }, say("conflict: save again or cancel")),
      element("blockquote", { class: "teahouse-theirs", dir: "auto" }, now),
    );
    this.banner.querySelectorAll(".teahouse-conflict, .teahouse-theirs").forEach((old, index, all) => {
      if (index < all.length - 2) old.remove();
    });
  }

  /** @param {{seq: number, changed: number}} message @param {string} text */
  #enterEdit({ seq, changed }, text) {
    const draft = this.#editing ? this.#editing.draft : this.text;
    this.#editing = { seq, changed, draft };
    const { say } = this.parts;
    this.banner.replaceChildren(
      element("p", { class: "teahouse-banner-title" }, say("editing")),
      button(say("cancel"), () => this.#cancel(), { class: "teahouse-banner-close", icon: "close" }),
    );
    this.banner.hidden = false;
    this.form.classList.add("teahouse-editing");
    this.#holds();
    this.#write(text);
    this.parts.onEditing(seq);
  }

  #cancel() {
    this.#leaveEdit();
    this.#keep();
    this.focus();
  }

  #leaveEdit() {
    if (!this.#editing) return;
    const { draft } = this.#editing;
    this.#editing = null;
    this.banner.hidden = true;
    this.banner.replaceChildren();
    this.note.textContent = "";
    this.form.classList.remove("teahouse-editing");
    this.#holds();
    this.#write(draft);
    this.parts.onEditing(null);
  }

  /** @param {string} text */
  #write(text) {
    this.area.value = text;
    this.#fit();
  }

  /** Remember what stands here. */
  #keep() {
    const editing = this.#editing && { seq: this.#editing.seq, changed: this.#editing.changed, text: this.text };
    this.parts.drafts.save(this.#uid, { text: this.#editing ? this.#editing.draft : this.text, editing });
  }

  /** @returns {number} characters past the limit, counted as the server counts */
  #excess() {
    const limit = this.parts.limit();
    return this.text.length <= limit ? 0 : Math.max(0, [...this.text].length - limit);
  }

  /** As high as the text, up to what the style allows; and told when it is too long. */
  #fit() {
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight}px`;
    const excess = this.#excess();
    this.note.textContent = excess > 0 ? this.parts.say("too long", { count: excess }) : "";
    this.form.classList.toggle("teahouse-empty", this.text.trim() === "");
  }
}
