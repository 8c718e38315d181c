/**
 * What was typed and not sent, kept per person and room over a reload; the composer writes and reads it.
 */

/**
 * @typedef {object} Draft
 * @property {string} text
 * @property {{seq: number, changed: number, text: string} | null} editing   an edit under way, beside the draft
 */

const PREFIX = "teahouse:draft:";

export class Drafts {
  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage   null: nothing outlives the page @param {string} room */
  constructor(storage, room) {
    this.storage = storage;
    this.room = room;
  }

  /** @param {string | null} uid @returns {Draft} empty when nothing is kept; another person's is never given */
  load(uid) {
    try {
      const kept = JSON.parse((uid && this.storage?.getItem(this.#name(uid))) || "null");
      return { text: textOf(kept?.text), editing: editingOf(kept?.editing) };
    } catch {
      return { text: "", editing: null };
    }
  }

  /** @param {string | null} uid   null: nobody yet, nothing is kept @param {Draft} draft */
  save(uid, draft) {
    if (uid === null) return;
    try {
      if (draft.text === "" && draft.editing === null) this.storage?.removeItem(this.#name(uid));
      else this.storage?.setItem(this.#name(uid), JSON.stringify(draft));
    } catch {
      // A full or forbidden storage costs only what a reload would have kept.
    }
  }

  /** @param {string} uid */
  #name(uid) {
    return `${PREFIX}${uid}:${this.room}`;
  }
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : "";
}

/** @param {any} kept @returns {Draft["editing"]} */
function editingOf(kept) {
  const whole = Number.isInteger(kept?.seq) && Number.isInteger(kept?.changed) && typeof kept?.text === "string";
  return whole ? { seq: kept.seq, changed: kept.changed, text: kept.text } : null;
}
