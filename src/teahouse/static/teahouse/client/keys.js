/**
 * Keys: the sender's own id of each send, unique for ever; the outbox makes one per message.
 */

/**
 * `crypto.randomUUID` is missing on pages served over plain HTTP, `crypto.getRandomValues` in very old engines.
 * @typedef {{randomUUID?: () => string, getRandomValues?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array}} RandomSource
 *
 * @param {RandomSource | undefined} [source]
 * @param {() => number} [random]
 * @returns {string}
 */
export function makeKey(source = globalThis.crypto, random = Math.random) {
  if (source?.randomUUID) return source.randomUUID();
  const bytes = new Uint8Array(16);
  if (source?.getRandomValues) source.getRandomValues(bytes);
  else bytes.forEach((_, index) => (bytes[index] = Math.floor(random() * 256)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
