/**
 * Keeps what a person reads where it is while messages come and go above and below; or follows the end. The list owns it.
 */

/** So close to the end counts as being there. */
const NEAR = 48;

export class Scroll {
  /** Does the person stand at the end, and wants what comes? */
  following = true;
  /** Is the end of what stands in the page the end of the room? Else it cannot be followed. */
  open = true;
  #lastTop = 0;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} list        its messages
   * @param {() => void} onScroll     the person moved
   */
  constructor(scroller, list, onScroll) {
    this.scroller = scroller;
    this.list = list;
    scroller.addEventListener("scroll", () => this.#moved(onScroll), { passive: true });
    // On-screen keyboards and turned phones change the height, fonts that load late that of the messages.
    const heights = new ResizeObserver(() => this.following && this.toEnd());
    heights.observe(scroller);
    heights.observe(list);
  }

  /** Pixels above what is in view. */
  get above() {
    return this.scroller.scrollTop;
  }

  /** Pixels below what is in view. */
  get below() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** Change the list without a jump: the first message in view stays where it is, or the end stays in view. @param {() => void} change */
  keep(change) {
    const following = this.following;
    const anchor = following ? null : this.#anchor();
    change();
    if (following && this.open) this.toEnd();
    else if (anchor?.element.isConnected) this.#to(this.above + this.#topOf(anchor.element) - anchor.top);
  }

  /** Stand at the end, and follow it. */
  toEnd() {
    this.following = this.open;
    this.#to(this.scroller.scrollHeight);
  }

  /** Show an element in the upper part of the view. @param {HTMLElement} element */
  toElement(element) {
    const inset = Math.max(NEAR, (this.scroller.clientHeight - element.offsetHeight) / 3);
    this.#to(this.above + this.#topOf(element) - inset);
    this.following = this.open && this.below < NEAR;
  }

  /** Is any of it in view? @param {HTMLElement} element */
  shows(element) {
    const top = this.#topOf(element);
    return top + element.offsetHeight > 0 && top < this.scroller.clientHeight;
  }

  /** @param {() => void} onScroll */
  #moved(onScroll) {
    // What grew below is no movement of the person's: only going up ends the following.
    if (this.below < NEAR) this.following = this.open;
    else if (this.above < this.#lastTop - 1) this.following = false;
    this.#lastTop = this.above;
    onScroll();
  }

  /** @param {number} top */
  #to(top) {
    this.scroller.scrollTop = top;
    this.#lastTop = this.scroller.scrollTop;
  }

  /** @param {HTMLElement} element @returns {number} pixels from the top of the view */
  #topOf(element) {
    return element.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }

  /** @returns {{element: HTMLElement, top: number} | null} the first message of which anything is in view */
  #anchor() {
    for (const element of /** @type {HTMLCollectionOf<HTMLElement>} */ (this.list.children)) {
      const top = this.#topOf(element);
      if ("key" in element.dataset && top + element.offsetHeight > 0) return { element, top };
    }
    return null;
  }
}
