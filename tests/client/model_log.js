/**
 * A room's log as a server holds it, in a page of code: what the client's picture is compared with.
 */

const PAGE = 4;
const FAR_BEHIND = 15;
const CATCH_UP = 5;

export class ModelLog {
  head = 0;
  /** Messages by seq; a row is replaced, never changed. */
  rows = new Map();
  members = new Map();
  /** What each entry touched: a message's seq, or a person's id. */
  entries = [];

  constructor(epoch, room = "lobby") {
    this.epoch = epoch;
    this.room = room;
  }

  post(author, key, text) {
    const seq = this.#enter({ seq: this.head + 1 });
    this.rows.set(seq, Object.freeze({ seq, changed: seq, at: 1000 + seq, author, key, text }));
    return seq;
  }

  edit(seq, text) {
    const changed = this.#enter({ seq });
    this.rows.set(seq, Object.freeze({ ...this.rows.get(seq), changed, text, edited_at: 1000 + changed }));
    return changed;
  }

  delete(seq) {
    const changed = this.#enter({ seq });
    const { text, edited_at, ...kept } = this.rows.get(seq);
    this.rows.set(seq, Object.freeze({ ...kept, changed, deleted: true }));
    return changed;
  }

  setRole(person, role) {
    const changed = this.#enter({ person: person.id });
    this.members.set(person.id, Object.freeze({ person, changed, role }));
    return changed;
  }

  /** The log of a backup made now, restored under another epoch. */
  restored(epoch) {
    const log = new ModelLog(epoch, this.room);
    log.head = this.head;
    log.rows = new Map(this.rows);
    log.members = new Map(this.members);
    log.entries = [...this.entries];
    return log;
  }

  messages() {
    return [...this.rows.values()].sort((one, other) => one.seq - other.seq);
  }

  changes(after, upto = this.head) {
    const touched = this.entries.slice(after, upto);
    const seqs = new Set(touched.map(({ seq }) => seq).filter((seq) => seq !== undefined));
    const people = new Set(touched.map(({ person }) => person).filter((person) => person !== undefined));
    return {
      type: "changes",
      ...this.#address(),
      after,
      upto,
      messages: [...seqs].map((seq) => this.rows.get(seq)),
      members: [...people].map((person) => this.members.get(person)),
    };
  }

  reset(reason) {
    const { messages, more_before } = this.history({});
    return { type: "reset", ...this.#address(), upto: this.head, reason, messages, more: more_before };
  }

  /** What who shows this position is sent. */
  catchUp({ epoch, seq }) {
    if (epoch === undefined) return [this.reset("new")];
    if (epoch !== this.epoch) return [this.reset("epoch")];
    if (seq > this.head) return [this.reset("ahead")];
    if (this.head - seq > FAR_BEHIND) return [this.reset("behind")];
    const events = [];
    for (let after = seq; after < this.head; after += CATCH_UP) {
      events.push(this.changes(after, Math.min(after + CATCH_UP, this.head)));
    }
    return events;
  }

  history({ before, after, around, at }) {
    const all = this.messages();
    let start = Math.max(0, all.length - PAGE);
    if (before !== undefined) start = Math.max(0, place(all, before) - PAGE);
    if (after !== undefined) start = place(all, after + 1);
    if (around !== undefined) start = Math.max(0, place(all, around) - PAGE / 2);
    if (at !== undefined) start = Math.max(0, all.filter((row) => row.at < at).length - PAGE / 2);
    const end = before === undefined ? Math.min(start + PAGE, all.length) : place(all, before);
    const messages = all.slice(start, end);
    return { epoch: this.epoch, messages, more_before: start > 0, more_after: end < all.length };
  }

  #enter(entry) {
    this.entries.push(entry);
    return ++this.head;
  }

  #address() {
    return { room: this.room, epoch: this.epoch };
  }
}

/** Index of the first message at or after seq. */
function place(messages, seq) {
  const index = messages.findIndex((message) => message.seq >= seq);
  return index === -1 ? messages.length : index;
}
