/**
 * Loads pages of history into a room's log: beside what is shown, around a message, at a time; a room has one.
 */

/**
 * @typedef {import("./room_log.js").RoomLog} RoomLog
 * @typedef {import("./room_log.js").Side} Side
 * @typedef {import("./protocol.js").Message} Message
 * @typedef {import("./protocol.js").MessageRow} MessageRow
 * @typedef {import("./protocol.js").HistoryPage} HistoryPage
 */

export class Pages {
  /** @type {Map<Side, Promise<HistoryPage | null>>} */
  #underWay = new Map();

  /**
   * @param {RoomLog} log
   * @param {(command: Message) => Promise<any>} ask
   * @param {(seqs: number[] | null) => void} onTaken    with the numbers that came; null: another stretch is shown
   */
  constructor(log, ask, onTaken) {
    this.log = log;
    this.ask = ask;
    this.onTaken = onTaken;
  }

  /** Are there older messages than those shown? */
  get hasOlder() {
    return this.log.seq !== null && this.log.shown.from > 0;
  }

  /** Is the end of the log not shown? */
  get hasNewer() {
    return this.log.aside !== null;
  }

  /** @returns {Promise<boolean>} are there older ones still */
  async older() {
    if (this.hasOlder) await this.#next("before", this.log.shown.from);
    return this.hasOlder;
  }

  /** @returns {Promise<boolean>} is there more still */
  async newer() {
    if (this.log.aside) await this.#next("after", this.log.aside.upto);
    return this.hasNewer;
  }

  /** @param {number} seq @returns {Promise<boolean>} is that message there */
  async around(seq) {
    if (![this.log.newest, this.log.shown].some((range) => range.covers(seq))) await this.#load("around", seq);
    if (this.log.newest.covers(seq)) this.latest();
    return this.log.shown.find(seq) !== undefined;
  }

  /** @param {Date | number} time @returns {Promise<number | null>} the first message then or later */
  async at(time) {
    const at = Math.max(0, Math.ceil(Number(time)));
    const { newest } = this.log;
    const holdsIt = newest.from === 0 || Number(newest.rows[0]?.at) < at;
    const rows = holdsIt ? newest.rows : (await this.#load("at", at))?.messages;
    if (rows === undefined) return null;
    const seq = rows.find((row) => row.at >= at)?.seq ?? null;
    if (seq === null || this.log.newest.covers(seq)) this.latest();
    return seq;
  }

  /** Show the end of the log again. */
  latest() {
    if (!this.log.aside) return;
    this.log.dropAside();
    this.onTaken(null);
  }

  /** Ask for it once, however often one scrolls. @param {"before" | "after"} side @param {number} bound */
  #next(side, bound) {
    const underWay = this.#underWay.get(side);
    if (underWay) return underWay;
    const page = this.#load(side, bound).finally(() => this.#underWay.delete(side));
    this.#underWay.set(side, page);
    return page;
  }

  /** @param {Side} side @param {number} bound @returns {Promise<HistoryPage | null>} null: it was not taken */
  async #load(side, bound) {
    const awaited = this.log.awaitPage(side, bound);
    try {
      const page = await this.ask({ type: "history", [side]: bound });
      const taken = this.log.addPage(awaited, page);
      const seqs = page.messages.map((/** @type {MessageRow} */ row) => row.seq);
      if (taken) this.onTaken(side === "before" || side === "after" ? seqs : null);
      return taken ? page : null;
    } finally {
      this.log.forgoPage(awaited);
    }
  }
}
