/**
 * What stands for a person beside their messages: a letter, in a colour that is theirs wherever they appear.
 */

/** @param {string} name @returns {string} its first letter as people see letters */
export function initialOf(name) {
  const first = "Segmenter" in Intl ? [...new Intl.Segmenter().segment(name.trim())][0]?.segment : [...name.trim()][0];
  return (first ?? "?").toLocaleUpperCase();
}

/** @param {string} uid @returns {number} a hue in degrees, the same for the same person for ever */
export function hueOf(uid) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < uid.length; index += 1) hash = Math.imul(hash ^ uid.charCodeAt(index), 0x01000193);
  // Steps of 15 degrees: neighbours that can be told apart.
  return (((hash ^ (hash >>> 15)) >>> 0) % 24) * 15;
}
