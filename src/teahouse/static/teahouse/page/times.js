/**
 * Times as the person reads them: their zone, their habits, the page's language; messages and day marks show them.
 */

export class Times {
  /**
   * @param {string} language                the page's
   * @param {readonly string[]} [preferred]  the browser's: en-GB and en-US write times differently
   * @param {string} [zone]                  the browser's own when not given
   */
  constructor(language, preferred = globalThis.navigator?.languages ?? [], zone = undefined) {
    const spoken = baseOf(language);
    const locale = preferred.find((other) => baseOf(other) === spoken) ?? language;
    /** @param {Intl.DateTimeFormatOptions} options */
    const format = (options) => new Intl.DateTimeFormat(known(locale), { timeZone: zone, ...options });
    this.clock = format({ timeStyle: "short" });
    this.full = format({ dateStyle: "full", timeStyle: "medium" });
    this.moment = format({ dateStyle: "medium", timeStyle: "short" });
    this.day = format({ weekday: "long", day: "numeric", month: "long" });
    this.oldDay = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
    this.calendar = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  }

  /** @param {number} at milliseconds since 1970 @returns {string} the same for all times of one day here: 2026-11-22 */
  dayOf(at) {
    return this.calendar.format(at);
  }

  /**
   * @param {number} at
   * @param {number} now
   * @param {(id: string) => string} say
   * @returns {string} Today, Yesterday, or the date; with the year when it is another
   */
  dayName(at, now, say) {
    const day = this.dayOf(at);
    const today = this.dayOf(now);
    if (day === today) return say("today");
    if (at < now && dayNumber(today) - dayNumber(day) === 1) return say("yesterday");
    return (day.slice(0, 4) === today.slice(0, 4) ? this.day : this.oldDay).format(at);
  }
}

/** @param {string} language */
function baseOf(language) {
  return language.split("-")[0]?.toLowerCase();
}

/** A language that the browser cannot format is written as it writes by itself. @param {string} language */
function known(language) {
  try {
    return Intl.getCanonicalLocales(language);
  } catch {
    return undefined;
  }
}

/** @param {string} day 2026-11-22 @returns {number} counted so that neighbours differ by 1, through all clock changes */
function dayNumber(day) {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000;
}
