/**
 * The words that the page shows, in the person's language: read once from the JSON that the template put there.
 */

/** @typedef {(id: string, values?: Record<string, string | number>) => string} Say */

/** @returns {Say} what is not translated is shown by its id */
export function wordsOfPage() {
  const json = document.getElementById("teahouse-strings")?.textContent ?? "{}";
  return wordsOf(JSON.parse(json));
}

/** @param {Record<string, string>} words @returns {Say} */
export function wordsOf(words) {
  return (id, values = {}) => {
    const text = Object.hasOwn(words, id) ? String(words[id]) : id;
    return text.replace(/%\((\w+)\)[sd]/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
  };
}

/**
 * What a refusal says to people; in the server's own English words where there are no friendlier ones.
 * @param {Say} say
 * @param {{code?: string | null, message?: string | null, text?: string | null}} refusal
 * @returns {string}
 */
export function friendly(say, refusal) {
  const id = `refused.${refusal.code}`;
  const words = say(id);
  return words === id ? refusal.text || refusal.message || say("refused") : words;
}
