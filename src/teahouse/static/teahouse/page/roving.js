/**
 * Walking through the messages by keyboard: one of them is in the order of the Tab key, arrows lead from one to the next,
 * and its links are in that order while it has the focus.
 */

export class Roving {
  /** @param {HTMLElement} list @param {{onLeave: () => void}} parts   Escape: the person wants to write again */
  constructor(list, { onLeave }) {
    this.list = list;
    list.addEventListener("focusin", (event) => this.#enter(event.target));
    list.addEventListener("focusin", (event) => this.#offerLinks(event.target, 0));
    list.addEventListener("focusout", (event) => this.#offerLinks(event.target, -1));
    list.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.target !== this.#current) return;
      if (event.key === "Escape") onLeave();
      else if (!this.#walk(event.key)) return;
      event.preventDefault();
    });
  }

  /** The list was written anew: the last message is the one to enter at, unless the person is at another. */
  refresh() {
    if (this.#current?.contains(document.activeElement)) return;
    this.#enter(this.#items.at(-1) ?? null);
  }

  get #items() {
    return /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll(".teahouse-message")]);
  }

  /** @returns {HTMLElement | null} */
  get #current() {
    return this.list.querySelector('.teahouse-message[tabindex="0"]');
  }

  /** @param {EventTarget | null} target */
  #enter(target) {
    const item = target instanceof Element ? target.closest(".teahouse-message") : null;
    if (!(item instanceof HTMLElement) || item === this.#current) return;
    if (this.#current) this.#current.tabIndex = -1;
    item.tabIndex = 0;
  }

  /** A Tab from the composer should meet the message, and not what stands in each. @param {EventTarget | null} target @param {number} tabIndex */
  #offerLinks(target, tabIndex) {
    /** @type {NodeListOf<HTMLAnchorElement> | null | undefined} */
    const links = target instanceof Element ? target.closest(".teahouse-message")?.querySelectorAll("a[href]") : null;
    for (const link of links ?? []) link.tabIndex = tabIndex;
  }

  /** @param {string} key @returns {boolean} does it lead anywhere */
  #walk(key) {
    const items = this.#items;
    const here = items.findIndex((item) => item === this.#current);
    const places = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: items.length - 1 };
    if (!Object.hasOwn(places, key)) return false;
    const item = items[places[/** @type {keyof typeof places} */ (key)]];
    item?.focus({ preventScroll: true });
    item?.scrollIntoView({ block: "nearest" });
    return item !== undefined;
  }
}
