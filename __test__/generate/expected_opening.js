'use strict';

/**
 * What opening a cookie must give: the original's answer, but for two listed defects, and exactly in their cases.
 *
 *   wrong key   the first key whose padding fits is not the one that sealed, and the session is lost (0.4 % of requests
 *               after a rotation): a later key under which the text makes sense is to be preferred.
 *   no `.sig`   with `encrypt: true`, Egg 4 ignores its own signed cookies: one with a valid signature is to be read,
 *               where no key gives a text that makes sense.
 *
 * It is computed from the originals' own Keygrip, one key at a time.
 */

/** @param {Buffer} plain @returns {boolean} the default codec's own output: base64 of a JSON object */
function isSessionText(plain) {
  const text = plain.toString('latin1');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0 && Buffer.from(text, 'base64')[0] === 0x7b;
}

/** @param {Buffer} plain @returns {boolean} an external key or a custom codec's text: printable UTF-8 */
function isPrintable(plain) {
  const text = plain.toString();
  // eslint-disable-next-line no-control-regex
  return plain.length > 0 && Buffer.from(text).equals(plain) && !/[\x00-\x1f\x7f]/.test(text);
}

/**
 * What each key makes of a value, by the original's own Keygrip.
 * @param {object} reading
 * @param {any} reading.Keygrip
 * @param {string[]} reading.keys
 * @param {string} reading.name
 * @param {string} reading.value
 * @param {string | undefined} reading.signature
 * @returns {{ cookie: string, keyIndex: number, by: 'key' | 'signature', plain?: Buffer }[]} the signature's opening comes last
 */
function openings({ Keygrip, keys, name, value, signature }) {
  // One key and no signature leave no choice.
  if (keys.length === 1 && !signature) return [];
  const sealed = Buffer.from(value, 'base64');
  const found = [];
  for (const [keyIndex, key] of keys.entries()) {
    const decrypted = new Keygrip([key]).decrypt(sealed);
    if (decrypted) found.push({ cookie: decrypted.value.toString(), keyIndex, by: /** @type {const} */ ('key'), plain: decrypted.value });
  }
  const keyIndex = signature && value ? new Keygrip(keys).verify(`${name}=${value}`, signature) : -1;
  if (keyIndex >= 0) found.push({ cookie: value, keyIndex, by: /** @type {const} */ ('signature') });
  return found;
}

/**
 * @param {ReturnType<typeof openings>} found
 * @param {(plain: Buffer) => boolean} makesSense
 * @returns {ReturnType<typeof openings>[0] | undefined} undefined: the original's answer stands
 */
function preferredOpening(found, makesSense) {
  return found.find(({ plain }) => !plain || makesSense(plain));
}

/**
 * The originals ask every error of a wrong key for its stack, which takes longer than the decryption.
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
function withoutStacks(work) {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

module.exports = { withoutStacks, openings, preferredOpening, isSessionText, isPrintable };
