'use strict';

/**
 * What no session layer can save: V8 reads and writes the JSON, Node takes the header, and an addon has to be called. All
 * are measured beside the contenders, on the same sessions.
 */

const http = require('node:http');
const { Keyring } = require('..');
const { cpuMicros } = require('./measure');

/** @typedef {'parse' | 'stringify' | 'setHeader' | 'crossing'} Part */
/** @typedef {Record<Part, number>} Parts in µs */

const keyring = new Keyring(['benchmark key']);

/**
 * @param {object[]} sessions
 * @returns {Parts} for one session
 */
function sampleFloor(sessions) {
  const texts = sessions.map((session) => JSON.stringify({ ...session, _expire: Date.now(), _maxAge: 86400000 }));
  const { value } = keyring.seal('encrypted', 'EGG_SESS', texts[0]);
  const lines = [`EGG_SESS=${value}; path=/; max-age=86400; expires=${new Date().toUTCString()}; httponly`];
  const responses = texts.map(() => new http.ServerResponse(new http.IncomingMessage(/** @type {any} */ ({}))));
  const parsed = new Array(texts.length);
  const written = new Array(texts.length);
  const micros = (operation) => {
    const start = cpuMicros();
    for (let i = 0; i < texts.length; i++) operation(i);
    return (cpuMicros() - start) / texts.length;
  };
  const parts = {
    parse: micros((i) => { parsed[i] = JSON.parse(texts[i]); }),
    stringify: micros((i) => { written[i] = JSON.stringify(parsed[i]); }),
    setHeader: micros((i) => { responses[i].setHeader('set-cookie', lines); }),
    // the cheapest that there is: nothing in, nothing out
    crossing: micros(() => { if (keyring.open('plain', '', '') !== null) throw new Error('opened nothing'); }),
  };
  texts.forEach((text, i) => {
    if (written[i] !== text || responses[i].getHeader('set-cookie') !== lines) throw new Error('the floor did not do its work');
  });
  return parts;
}

module.exports = { sampleFloor };
