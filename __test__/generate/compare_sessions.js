'use strict';

/** Whether our middleware made of a Cookie header what the original makes of it, or what a listed defect's fix asks for. */

const assert = require('node:assert');
const { sessionApp } = require('./session_app');
const { withoutStacks, openings, preferredOpening, isSessionText } = require('./expected_opening');
const { sealedText } = require('./mutations');

/**
 * @typedef {import('./session_app').Seen} Seen
 * @typedef {{ header: string, value?: string, signature?: string }} Cookie
 */

/** How many cookies of one name, and how many signatures, are looked at. */
const MAX_CANDIDATES = 8;

/** Own keys of stored JSON that the originals answer with a 500, drop, or take for an assignment to a setter. */
const DEFECT_KEYS = ['length', 'populated', 'externalKey', 'maxAge', '__proto__', 'toJSON'];

class Comparison {
  /**
   * @param {object} parts
   * @param {import('./originals').Original} parts.original
   * @param {(opts: object, app: any) => any} parts.createSession Ours.
   * @param {string[]} parts.keys
   * @param {string} parts.name
   * @param {'encrypted' | 'signed' | 'plain'} parts.mode
   * @param {boolean} [parts.foreign] `ctx.cookies` is not made by Egg: it does the cookie work, with its defects.
   * @param {(callback: any) => (cookie: string) => Promise<{ status: number, setCookie: string[] }>} [parts.transport]
   * @param {() => object} [parts.options] More options, made for each app.
   * @param {(plain: Buffer) => boolean} [parts.makesSense] Of what lies under the encryption.
   */
  constructor({ options = () => ({}), makesSense = isSessionText, ...parts }) {
    this.parts = parts;
    this.makesSense = makesSense;
    const own = options();
    this.hasStore = Boolean(/** @type {any} */ (own).store);
    this.ours = sessionApp({ ...parts, options: own });
    this.theirs = sessionApp({ ...parts, options: options(), createSession: parts.original.createSession });
    this.sealing = new parts.original.Keygrip(parts.keys);
    /** Which defects were met. */
    this.defects = { opening: 0, keys: 0, several: 0 };
  }

  /**
   * @param {{ header: string, value?: string, signature?: string }} cookie `value`: what the header holds under the name
   * @param {boolean} write The app changes the session, so that it is saved.
   * @param {() => string} where
   */
  async check(cookie, write, where) {
    const ours = await this.ours.see(cookie.header, write);
    const { header, value, signature } = await this.firstThatLives(cookie);
    const theirs = await this.theirs.see(this.withoutOpeningDefects(header, value, signature), write);
    const expected = this.withoutKeyDefects(theirs);
    if (expected) {
      this.defects.keys++;
      const { status, json, isSession, error } = ours;
      assert.deepStrictEqual({ status, json, isSession, error }, { status: 200, json: expected, isSession: true, error: undefined }, where());
      return;
    }
    if (this.isVersion7Strictness(theirs)) return;
    assert.deepStrictEqual(this.comparable(ours, theirs), this.comparable(theirs, theirs), where());
  }

  /**
   * Of several cookies of the name the first that is a live session is to count, and if none is, the first that opens: the original
   * shows what is right when it is given that one alone.
   * @param {Cookie} cookie
   */
  async firstThatLives(cookie) {
    const opened = this.thoseThatOpen(cookie);
    if (this.parts.mode === 'plain') return opened[0];
    let chosen = opened[0] || cookie;
    for (const { header, value, signature } of opened.length > 1 ? opened : []) {
      const { decoded } = await this.theirs.see(this.withoutOpeningDefects(header, value, signature));
      if (decoded === undefined) continue;
      chosen = { header, value, signature };
      break;
    }
    if (chosen.value !== cookie.value || chosen.signature !== cookie.signature) this.defects.several++;
    return chosen;
  }

  /**
   * Each with the first signature with which it opens.
   * @param {Cookie} cookie
   * @returns {Cookie[]}
   */
  thoseThatOpen(cookie) {
    const { mode, name, keys, foreign, original: { Keygrip } } = this.parts;
    // An external key is taken as received.
    if (mode === 'plain') return [this.hasStore ? cookie : this.asWritten(cookie)];
    if (foreign) return [cookie];
    const found = [];
    const keygrip = new Keygrip(keys);
    const opens = (/** @type {string} */ value, /** @type {string | undefined} */ signature) => {
      if (signature && (value || mode === 'signed') && keygrip.verify(`${name}=${value}`, signature) >= 0) return true;
      return mode === 'encrypted' && Boolean(value) && Boolean(withoutStacks(() => keygrip.decrypt(Buffer.from(value, 'base64'))));
    };
    const all = (/** @type {string} */ which) => [...cookie.header.matchAll(
      new RegExp(`(?:^|;) *${which.replace(/[-[\]{}()*+?.,\\^$|#\s]/g, '\\$&')}=([^;]*)`, 'g'))].map(match => match[1]).slice(0, MAX_CANDIDATES);
    /** @type {Array<string | undefined>} */
    const signatures = all(`${name}.sig`);
    if (signatures.length === 0) signatures.push(undefined);
    for (const [at, value] of all(name).entries()) {
      // As received: each signature; then without what a proxy put around both.
      const tries = signatures.map(signature => [value, signature]);
      const bare = signatures.map(signature => [unwrapped(value), signature && unwrapped(signature)]);
      // The first cookie is tried with the first signature in both forms before others are.
      const ordered = at === 0 ? [tries[0], bare[0], ...tries.slice(1).flatMap((pair, i) => [pair, bare[i + 1]])] : tries.flatMap((pair, i) => [pair, bare[i]]);
      const fitting = ordered.find(([given, signature]) => opens(/** @type {string} */ (given), signature));
      if (!fitting) continue;
      const [given, signature] = fitting;
      const header = `${name}=${given}${signature === undefined ? '' : `; ${name}.sig=${signature}`}`;
      found.push(given === cookie.value && signature === cookie.signature ? cookie : { header, value: given, signature });
    }
    return found;
  }

  /**
   * An unsigned cookie that holds no JSON as received is read once more without what a proxy put around it.
   * @param {{ header: string, value?: string, signature?: string }} cookie
   */
  asWritten(cookie) {
    const { name } = this.parts;
    const { value } = cookie;
    if (value === undefined || unwrapped(value) === value || holdsJSON(value)) return cookie;
    return { ...cookie, header: `${name}=${unwrapped(value)}`, value: unwrapped(value) };
  }

  /**
   * The wrong-key and the `.sig` defect: the original shows what is right when it is given the text sealed by its first key.
   * @param {string} header @param {string} [value] @param {string} [signature]
   */
  withoutOpeningDefects(header, value, signature) {
    const { mode, name, keys, original: { Keygrip }, foreign } = this.parts;
    if (mode !== 'encrypted' || foreign || value === undefined) return header;
    const found = withoutStacks(() => openings({ Keygrip, keys, name, value, signature }));
    const preferred = preferredOpening(found, this.makesSense);
    if (!preferred || (preferred.by === 'key' && preferred.keyIndex === 0)) return header;
    this.defects.opening++;
    return `${name}=${sealedText(this.sealing.encrypt(preferred.cookie))}`;
  }

  /** @param {Seen} theirs @returns {string | undefined} the data that is to be seen, where a key of it meets a defect */
  withoutKeyDefects(theirs) {
    const { decoded } = theirs;
    if (!decoded || theirs.events || Array.isArray(decoded)) return undefined;
    if (!DEFECT_KEYS.some(key => Object.prototype.hasOwnProperty.call(decoded, key))) return undefined;
    return JSON.stringify(Object.fromEntries(Object.entries(decoded).filter(([key]) => key[0] !== '_' && key !== 'isNew')));
  }

  /** koa-session 7 looks at `_expire` only if it is a number. Version 6 is followed. @param {Seen} theirs */
  isVersion7Strictness({ decoded }) {
    const expire = decoded && decoded._expire;
    return Boolean(expire) && typeof expire !== 'number' && /koa-session 7/.test(this.parts.original.writer);
  }

  /**
   * @param {Seen} seen
   * @param {Seen} theirs
   */
  comparable({ status, setCookie, json, isNew, isSession, maxAge, events }, theirs) {
    // Neither can save what nests too deep to be written: the original notices when it reads.
    if (theirs.error && /call stack/.test(theirs.error)) return { status };
    const comparableCookies = this.withoutSignatureLifetime(setCookie, theirs.setCookie);
    return { status, setCookie: comparableCookies, json, isNew, isSession, maxAge, events };
  }

  /**
   * A signature that is sent again after a rotation has the attributes of its cookie; the original's has the defaults.
   * @param {string[]} setCookie @param {string[]} theirs
   */
  withoutSignatureLifetime(setCookie, theirs) {
    return setCookie.map((line, i) => {
      const resent = line.startsWith(`${this.parts.name}.sig=`) && theirs[i] && !theirs[i].includes('; max-age=');
      return resent && !line.includes('.sig=;') ? line.replace(/; max-age=-?\d+; expires=[^;]+/, '') : line;
    });
  }
}

/** One pair of quotes around a value, and percent-encoded `=`, `+` and `/`, as proxies write them. @param {string} value */
function unwrapped(value) {
  const inner = /^"(.*)"$/s.exec(value);
  return (inner ? inner[1] : value).replace(/%3d/gi, '=').replace(/%2b/gi, '+').replace(/%2f/gi, '/');
}

/** @param {string} value base64 */
function holdsJSON(value) {
  try {
    JSON.parse(Buffer.from(value, 'base64').toString());
    return true;
  } catch {
    return false;
  }
}

module.exports = { Comparison };
