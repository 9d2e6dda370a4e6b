'use strict';

/**
 * What a browser keeps of Set-Cookie lines, by draft-ietf-httpbis-rfc6265bis, sections 5.6 to 5.8, for one host: the limits,
 * the prefixes, `Secure`, paths, and the order in which cookies are sent.
 */

const MAX_PAIR_OCTETS = 4096;
const MAX_ATTRIBUTE_OCTETS = 1024;

/** @typedef {{ name: string, value: string, path: string, secure: boolean, expiresAtMs: number, made: number }} Kept */

/** @param {string} text in Latin-1, as it came */
const octets = text => Buffer.byteLength(text, 'latin1');

/** @param {string} text @returns {[string, string]} both trimmed, the second empty where there is no `=` */
function splitPair(text) {
  const equals = text.indexOf('=');
  return equals === -1 ? [text.trim(), ''] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

class BrowserJar {
  /** @type {Map<string, Kept>} */
  #cookies = new Map();
  #made = 0;

  /**
   * @param {string[]} lines
   * @param {{ secure?: boolean, path?: string, nowMs?: number }} [request] that was answered so
   */
  store(lines, { secure = false, path = '/', nowMs = Date.now() } = {}) {
    for (const line of lines) this.#storeOne(line, secure, path, nowMs);
  }

  #storeOne(line, secure, path, nowMs) {
    const [pair, ...attributes] = line.split(';');
    const [name, value] = splitPair(pair);
    if (octets(name) + octets(value) > MAX_PAIR_OCTETS) return;
    /** @type {Record<string, string>} */
    const given = {};
    for (const attribute of attributes) {
      const [key, text] = splitPair(attribute);
      if (octets(text) <= MAX_ATTRIBUTE_OCTETS) given[key.toLowerCase()] = text;
    }
    const isSecure = 'secure' in given;
    const itsPath = given.path && given.path.startsWith('/') ? given.path : path.slice(0, Math.max(1, path.lastIndexOf('/')));
    if (isSecure && !secure) return;
    if (/^__Secure-/i.test(name) && !isSecure) return;
    if (/^__Host-/i.test(name) && !(isSecure && given.path === '/' && !given.domain)) return;
    let expiresAtMs = Infinity;
    if ('max-age' in given) expiresAtMs = nowMs + Number(given['max-age']) * 1000;
    else if ('expires' in given) expiresAtMs = Date.parse(given.expires);
    // The host is in every domain that its answers name.
    const key = `${name};${(given.domain || '').replace(/^\./, '').toLowerCase()};${itsPath}`;
    const before = this.#cookies.get(key);
    if (expiresAtMs <= nowMs) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, value, path: itsPath, secure: isSecure, expiresAtMs, made: before ? before.made : this.#made++ });
  }

  /** @param {{ secure?: boolean, path?: string, nowMs?: number }} [request] @returns {string} the Cookie header */
  header({ secure = false, path = '/', nowMs = Date.now() } = {}) {
    return [...this.#cookies.values()]
      .filter(cookie => cookie.expiresAtMs > nowMs && (secure || !cookie.secure))
      .filter(cookie => path === cookie.path || (path.startsWith(cookie.path) && (cookie.path.endsWith('/') || path[cookie.path.length] === '/')))
      .sort((one, other) => other.path.length - one.path.length || one.made - other.made)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  /** @returns {string[]} the names it holds, in order */
  get names() {
    return [...this.#cookies.values()].map(({ name }) => name).sort();
  }

  /** @returns {BrowserJar} another browser with the same cookies */
  copy() {
    const jar = new BrowserJar();
    jar.#cookies = new Map(this.#cookies);
    jar.#made = this.#made;
    return jar;
  }
}

module.exports = { BrowserJar };
