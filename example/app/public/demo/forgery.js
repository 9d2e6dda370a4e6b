// "Flip a bit": a visitor changes her own cookies, in her own browser, without a key.

import { byId, element, onClick, post, text } from './dom.js';

/** About one nickname in fifty leaves JSON behind when its block is garbled. */
const MOST_TRIES = 3000;
const AT_A_TIME = 10;
/** Of the first digit of `uid` in the session's JSON: `{"name":"` and 28 characters and `","uid":` come before. */
const DIGIT_AT = 45;
const AES_BLOCK = 16;
/** From '1' (0x31) to '9' (0x39). */
const BIT = 0x08;
/** The encrypted text is base64: the digit is the first of three bytes that are four characters, and 'M' becomes 'O'. */
const BIT_IN_BASE64 = 0x02;
/** Of a sealed token: a key id, a nonce, and a byte of flags come before the JSON. */
const SEALED_START = 4 + 24 + 1;

/** @param {string} base64url @returns {Uint8Array} */
function toBytes(base64url) {
  return Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), char => char.charCodeAt(0));
}

/** @param {Uint8Array} bytes @param {boolean} padded */
function toBase64url(bytes, padded) {
  const base64 = btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_');
  return padded ? base64 : base64.replace(/=+$/, '');
}

/** In CBC, a bit of the block before is the same bit of this one. @param {string} value */
function flipEncrypted(value) {
  const bytes = toBytes(value);
  bytes[DIGIT_AT / 3 * 4 - AES_BLOCK] ^= BIT_IN_BASE64;
  return toBase64url(bytes, true);
}

/** In GCM, a bit of the token is a bit of the text; but there is a tag. @param {string} value */
function flipSealed(value) {
  const bytes = toBytes(value.slice('v1='.length));
  bytes[SEALED_START + DIGIT_AT] ^= BIT;
  return `v1=${toBase64url(bytes, false)}`;
}

/** @param {string} id @param {string} before @param {string} after differ in one character */
function showFlipped(id, before, after) {
  const at = [...after].findIndex((char, i) => char !== before[i]);
  byId(id).replaceChildren(after.slice(0, at), element('mark', { class: 'bit' }, after[at]), after.slice(at + 1));
}

/** @param {number} number of the nickname */
async function tryNickname(number) {
  const own = await post('/demo/forgery/sign-up', { name: `mallory-${String(number).padStart(20, '0')}` });
  const forged = { forgeable: flipEncrypted(own.forgeable), unforgeable: flipSealed(own.unforgeable) };
  const answer = await post('/demo/forgery/send', forged);
  if (answer.sealed !== null) throw new Error('the sealed cookie was accepted');
  return { own, forged, ...answer };
}

async function forge() {
  const start = Math.floor(Math.random() * 1e9);
  for (let count = 0; count < MOST_TRIES; count += AT_A_TIME) {
    const tries = await Promise.all(Array.from({ length: AT_A_TIME }, (_, i) => tryNickname(start + count + i)));
    const at = tries.findIndex(({ encrypted }) => encrypted === 9001);
    if (at === -1) continue;
    showForged(tries[at], count + at + 1);
    return;
  }
  throw new Error(text('forgeryFailed', { count: MOST_TRIES }));
}

/** @param {Awaited<ReturnType<typeof tryNickname>>} forgery @param {number} count of nicknames */
function showForged({ own, forged, encrypted, original }, count) {
  showFlipped('forged-encrypted', own.forgeable, forged.forgeable);
  showFlipped('forged-sealed', own.unforgeable, forged.unforgeable);
  byId('forged').hidden = false;
  byId('forgery-how').hidden = false;
  byId('verdict-encrypted').textContent = text('wasUser', { uid: encrypted });
  byId('verdict-original').textContent = original ? text('originalToo', original) : text('originalAbsent');
  byId('verdict-sealed').textContent = text('refused');
  byId('verdict-tries').textContent = text('tries', { count });
  byId('forgery-curl').textContent =
    `curl -b 'FORGEABLE_SESS=${forged.forgeable}; UNFORGEABLE_SESS=${forged.unforgeable}' ${location.origin}/demo/forgery`;
}

export function showForgery() {
  onClick('flip', forge, { busy: 'flipping' });
}
