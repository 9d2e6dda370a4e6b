'use strict';

/**
 * What is weak or without effect in options that work. This is the only list: the start warns of what `isTold`, and `doctor` reports
 * all. The rest is no warning at start, because egg-session takes these options without a word.
 */

const http = require('node:http');
const { MAX_PAIR_OCTETS } = require('../cookie/limits');

// Options of egg-session that are true or false. It does not check them.
const BOOLEANS = [
  'rolling', 'renew', 'autoCommit', 'logValue', 'enable', 'signed', 'httpOnly', 'secure', 'overwrite', 'partitioned', 'removeUnpartitioned',
  'ignoreSecureError',
];
// What somebody may write into the environment.
const NO = /^(?:false|0|no|off)$/i;

/**
 * @typedef {object} Risk
 * @property {string} message a sentence
 * @property {boolean} isTold whether the start warns of it
 */

/**
 * @param {any} options completed
 * @param {any} app
 * @returns {Risk[]}
 */
function risksOf(options, app) {
  return [
    ...textRisks(options),
    ...attributeRisks(options, app.config && app.config.cookies),
    ...(hasCookie(options) ? contentRisks(options, app) : []),
  ];
}

/** @param {any} options @returns {Risk[]} for each option that is true as far as JavaScript knows, though it says no */
function textRisks(options) {
  return BOOLEANS.filter(name => typeof options[name] === 'string' && NO.test(options[name])).map(name => ({
    message: `session option \`${name}\` is the text '${options[name]}', which counts as true, as in egg-session: set the boolean \`false\``,
    isTold: true,
  }));
}

/**
 * Cookie settings that work only with some browsers or servers.
 *
 * @param {any} options
 * @param {any} [defaults] `config.cookies` of Egg
 * @returns {Risk[]}
 */
function attributeRisks(options, defaults) {
  const { chunks, sameSite, secure, partitioned } = { ...defaults, ...options };
  /** @type {Risk[]} */
  const risks = [];
  const settings = [
    { setting: '`sameSite: \'none\'`', isSet: /^none$/i.test(sameSite), isTold: true },
    { setting: '`partitioned: true`', isSet: partitioned, isTold: false },
  ];
  for (const { setting, isSet, isTold } of settings) {
    if (!isSet || secure) continue;
    risks.push(secure === false
      ? { message: `${setting} has no effect while \`secure\` is false: browsers ask for both`, isTold }
      : { message: `${setting} without \`secure: true\`: browsers ask for both, and a request that the app does not take for HTTPS sets no \`secure\``, isTold: false });
  }
  if (chunks * MAX_PAIR_OCTETS >= http.maxHeaderSize) {
    risks.push({
      message: `\`chunks: ${chunks}\` lets a session take more than the ${http.maxHeaderSize} octets of headers that this `
        + 'process accepts, and then every further request of its user is refused: start node with a larger --max-http-header-size',
      isTold: true,
    });
  }
  return risks;
}

/** @param {any} options @param {any} app @returns {Risk[]} */
function contentRisks(options, app) {
  const { httpOnly, store, ContextStore } = options;
  const messages = [];
  // In Egg, app.js warns of it at start, in the words of egg-session.
  if (!httpOnly) messages.push('`httpOnly: false`: scripts in the browser can read the cookie');
  if (!isProtected(options, app)) {
    messages.push(store || ContextStore
      ? 'nothing protects the session cookie: its external key is not signed, so a user can try other keys. Leave out `signed: false`'
      : 'nothing protects the session cookie: anyone can write a session of their own. Set `encrypt: \'sealed\'`, or leave out `signed: false`');
  }
  return messages.map((message) => ({ message, isTold: false }));
}

/** @param {any} options @returns {boolean} false if the app's `externalKey` carries the key of a store */
function hasCookie({ externalKey, store, ContextStore }) {
  return !(externalKey && (store || ContextStore));
}

/** @param {any} options @param {any} app @returns {boolean} whether the cookie is sealed, signed or encrypted */
function isProtected({ encrypt, signed }, app) {
  // Koa's `cookies` has no encryption.
  return encrypt === 'sealed' || Boolean(signed) || Boolean(encrypt && app.ContextCookies);
}

module.exports = { hasCookie, isProtected, risksOf };
