'use strict';

const http = require('http');

/** Answers may differ in these without being different. */
const VOLATILE_HEADERS = ['date', 'connection', 'keep-alive', 'x-readtime', 'content-length'];

/** An app that waits for ever, as for a callback that is never called, is a failure and no hanging test run. */
const NO_ANSWER_MS = 6000;

/** A browser's cookie jar as far as one host needs it: name and path, max-age and expires; the clock is the caller's. */
class CookieJar {
  /** @type {Map<string, { name: string, value: string, path: string, expiresAtMs: number }>} */
  #cookies = new Map();

  /** @param {string[]} setCookies @param {number} nowMs */
  store(setCookies, nowMs) {
    for (const line of setCookies) {
      const [pair, ...attributes] = line.split(/; */);
      const equals = pair.indexOf('=');
      const cookie = { name: pair.slice(0, equals), value: pair.slice(equals + 1), path: '/', expiresAtMs: Infinity };
      const given = Object.fromEntries(attributes.map(attribute => {
        const [key, ...rest] = attribute.split('=');
        return [key.toLowerCase(), rest.join('=')];
      }));
      if (given.path) cookie.path = given.path;
      // RFC 6265 section 5.3: max-age wins over expires
      if (given['max-age'] !== undefined) cookie.expiresAtMs = nowMs + Number(given['max-age']) * 1000;
      else if (given.expires !== undefined) cookie.expiresAtMs = Date.parse(given.expires);
      const key = `${cookie.name};${cookie.path}`;
      if (cookie.expiresAtMs <= nowMs) this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }

  #live(nowMs, path) {
    return [...this.#cookies.values()].filter(cookie => cookie.expiresAtMs > nowMs && path.startsWith(cookie.path));
  }

  /** @returns {string} the Cookie header, '' without cookies */
  header(nowMs, path) {
    return this.#live(nowMs, path).map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** @returns {string | undefined} */
  value(name) {
    return [...this.#cookies.values()].find(cookie => cookie.name === name)?.value;
  }
}

/**
 * One request over real HTTP.
 * @param {object} options
 * @param {number} options.port
 * @param {string} [options.path]
 * @param {any} options.body sent as JSON
 * @param {object} [options.headers]
 * @param {http.Agent | false} [options.agent]
 * @returns {Promise<{ status: number, headers: object, setCookie: string[], body: any }>}
 */
function send({ port, path = '/', body, headers = {}, agent }) {
  const payload = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'content-length': Buffer.byteLength(payload), ...headers },
    }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', chunk => { text += chunk; });
      response.on('error', reject);
      response.on('end', () => {
        const { 'set-cookie': setCookie = [], ...rest } = response.headers;
        for (const name of VOLATILE_HEADERS) delete rest[name];
        resolve({ status: response.statusCode, headers: rest, setCookie, body: parse(text) });
      });
    });
    request.on('error', reject);
    request.setTimeout(NO_ANSWER_MS, () => request.destroy(new Error(`no answer within ${NO_ANSWER_MS} ms to ${payload}`)));
    request.end(payload);
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

module.exports = { CookieJar, send };
