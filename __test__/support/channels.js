'use strict';

const { subscribe, unsubscribe } = require('node:diagnostics_channel');

const PLAIN = ['open', 'save', 'regenerate', 'end', 'conflict', 'gone', 'revoked', 'oversized'];
const TRACED = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];
const NAMES = [...PLAIN.map(name => `egg-session-native:${name}`), ...TRACED.map(name => `tracing:egg-session-native:store:${name}`)];

/**
 * Subscribes to all channels until the test ends.
 *
 * @param {import('node:test').TestContext} t
 * @param {string[]} [names] of channels
 */
function watchChannels(t, names = NAMES) {
  /** @type {{ name: string, message: any, then: any }[]} `then`: what the message was when it came */
  const seen = [];
  const listener = (message, name) => { seen.push({ name, message, then: { ...message } }); };
  for (const name of names) subscribe(name, listener);
  t.after(() => {
    for (const name of names) unsubscribe(name, listener);
  });
  return {
    seen,
    /** @returns {[string, any][]} the plain messages since the last call, in order */
    take() {
      const taken = seen.splice(0).filter(({ name }) => !name.startsWith('tracing:'));
      return taken.map(({ name, then }) => [name.slice('egg-session-native:'.length), then]);
    },
  };
}

module.exports = { NAMES, watchChannels };
