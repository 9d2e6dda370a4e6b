'use strict';

const CONNECTIONS = 10;

/**
 * Sends `amount` requests over ten connections, each as soon as the one before it is answered, and looks at every answer.
 * undici, because a load generator must be a good deal quicker than what it loads: its dispatch() takes a third of a request
 * without a session. It never sleeps: a sleeper has to be woken, at the cost of the server whose answer it waits for, and most
 * often by the server that answers soonest.
 *
 * @param {object} options
 * @param {string} options.origin
 * @param {string} options.path
 * @param {number} options.amount
 * @param {() => { cookie: string, isRight: (body: string, headers: Record<string, any>) => boolean }} options.next the next
 *   request's Cookie header, and what its answer must be
 * @returns {Promise<number>} the seconds from the first request to the last answer
 */
async function load({ origin, path, amount, next }) {
  const { Pool } = require('undici');
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  let sent = 0;
  let answered = 0;
  let isOver = false;
  const stayAwake = () => {
    if (!isOver) setImmediate(stayAwake);
  };
  stayAwake();
  const start = process.hrtime.bigint();
  try {
    await new Promise((resolve, reject) => {
      const sendNext = () => {
        if (sent === amount) return;
        sent++;
        const { cookie, isRight } = next();
        let status = 0;
        let headers = {};
        let body = '';
        pool.dispatch({ path, method: 'GET', headers: { cookie } }, {
          onRequestStart() {},
          onResponseStart(_, statusCode, responseHeaders) {
            status = statusCode;
            headers = responseHeaders;
          },
          onResponseData(_, chunk) {
            body += chunk;
          },
          onResponseEnd() {
            if (status !== 200 || !isRight(body, headers)) return reject(new Error(`${path}: a wrong answer, ${status} ${body.slice(0, 200)}`));
            answered++;
            if (answered === amount) resolve(undefined);
            else sendNext();
          },
          onResponseError: (_, err) => reject(err),
        });
      };
      for (let i = 0; i < CONNECTIONS; i++) sendNext();
    });
    return Number(process.hrtime.bigint() - start) / 1e9;
  } finally {
    isOver = true;
    await pool.destroy();
  }
}

module.exports = { load };
