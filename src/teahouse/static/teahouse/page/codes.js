/**
 * What a link's code tells of itself, before the server is asked whether it is good; used by the page `enter/`.
 */

/**
 * @param {string} code
 * @returns {{name: string, room: string | null} | null} null for a code that tells nothing
 */
export function toldBy(code) {
  const [kind, signed = ""] = code.split(".");
  if (kind !== "g") return null;
  try {
    const payload = atob((signed.split(":")[0] ?? "").replace(/-/g, "+").replace(/_/g, "/"));
    const { n: name, r: room = null } = JSON.parse(new TextDecoder().decode(Uint8Array.from(payload, (byte) => byte.charCodeAt(0))));
    return typeof name === "string" ? { name, room: typeof room === "string" ? room : null } : null;
  } catch {
    return null;
  }
}

/** The code in what somebody pasted: the link itself, or only what stands after its #. @param {string} pasted */
export function codeIn(pasted) {
  return pasted.slice(pasted.indexOf("#") + 1).trim();
}
