'use strict';

// Also copied into apps whose test runner uses them.

const assert = require('node:assert');

/**
 * A browser that logs in, is remembered, logs out and is known no more.
 *
 * @param {number} port
 * @throws {Error} if it sees anything else
 */
async function logInAndOut(port) {
  /** @type {Map<string, string>} */
  const jar = new Map();
  const visit = async (/** @type {string} */ url) => {
    const cookie = [...jar].map(pair => pair.join('=')).join('; ');
    const response = await fetch(`http://127.0.0.1:${port}${url}`, { headers: { cookie, connection: 'close' } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /** @type {RegExpExecArray} */ (/^([^=]+)=([^;]*)/.exec(line));
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    const body = await response.text();
    assert.strictEqual(response.status, 200, `${url}: ${body}`);
    return body;
  };
  const seen = [];
  for (const [url, user] of [['/login?name=Ada', 'Ada'], ['/logout', null]]) {
    await visit(/** @type {string} */ (url));
    seen.push(jar.size > 0, JSON.parse(await visit('/me')).user === user);
  }
  assert.deepStrictEqual(seen, [true, true, false, true]);
}

module.exports = { logInAndOut };
