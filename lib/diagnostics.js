'use strict';

/**
 * Tells on channels of node:diagnostics_channel what sessions do, for whoever watches the app: docs/diagnostics.md. Without a
 * subscriber no payload is built, so callers ask `hasSubscribers` first.
 *
 * A payload has no key, cookie, session data or user, and no ctx, from which all of these can be reached. A store's own error may hold
 * the key and the session, so subscribers get another one.
 */

const { channel, tracingChannel } = require('node:diagnostics_channel');

const NAME = 'egg-session-native';
// What an error may be called. Anything else could be data.
const WORD = /^\w{1,64}$/;

/** Held for as long as the process runs: Node forgets a channel that nobody holds. */
const channels = {
  open: channel(`${NAME}:open`),
  save: channel(`${NAME}:save`),
  regenerate: channel(`${NAME}:regenerate`),
  end: channel(`${NAME}:end`),
  conflict: channel(`${NAME}:conflict`),
  gone: channel(`${NAME}:gone`),
  revoked: channel(`${NAME}:revoked`),
  oversized: channel(`${NAME}:oversized`),
};
const storeCalls = tracingChannel(`${NAME}:store`);

/**
 * @typedef {{ opts: any, store?: any }} Caller a request's ContextSession
 *
 * @param {keyof typeof channels} name
 * @param {Caller} caller
 * @param {Record<string, any>} [details]
 */
function publish(name, { opts, store }, details) {
  channels[name].publish({ as: nameOf(opts), inStore: Boolean(store), ...details });
}

/** @param {any} opts @returns {string} the property of ctx */
function nameOf({ as }) {
  return as ?? 'session';
}

/**
 * Publishes an event of the app that has a channel.
 *
 * @param {string} event its name without `session:`
 * @param {Caller} caller
 * @param {{ paths?: string[] }} data
 */
function publishEvent(event, caller, { paths }) {
  if (event === 'gone' && channels.gone.hasSubscribers) publish('gone', caller);
  if (event === 'revoked' && channels.revoked.hasSubscribers) publish('revoked', caller);
  // A path may hold a user's id.
  if (event === 'conflict' && channels.conflict.hasSubscribers) publish('conflict', caller, { values: /** @type {string[]} */ (paths).length });
}

/** @returns {boolean} whether anybody watches the calls of stores. Node 18 has no `hasSubscribers` for all five channels. */
function isTraced() {
  const { start, end, asyncStart, asyncEnd, error } = storeCalls;
  return start.hasSubscribers || end.hasSubscribers || asyncStart.hasSubscribers || asyncEnd.hasSubscribers || error.hasSubscribers;
}

/**
 * @template Answer
 * @param {Caller} caller
 * @param {any} target the store, or the app's `revocation`
 * @param {any} operation the method
 * @param {() => Answer | PromiseLike<Answer>} call
 * @returns {Promise<Awaited<Answer>>} what the call gives, which the channels do not
 * @throws what the call throws
 */
async function trace({ opts }, target, operation, call) {
  const { name } = Object(Object(target).constructor);
  /** @type {import('..').StoreCallMessage} */
  const context = { as: nameOf(opts), operation, store: typeof name === 'string' ? name : '', durationMs: undefined };
  /** @type {any} */
  let outcome;
  /** @type {{ error: unknown } | undefined} */
  let failure;
  const startedAt = performance.now();
  const timed = async () => {
    try {
      outcome = await call();
    } catch (error) {
      failure = { error };
      throw withoutData(error);
    } finally {
      context.durationMs = performance.now() - startedAt;
    }
  };
  await storeCalls.tracePromise(timed, context).catch(() => {});
  if (failure !== undefined) throw failure.error;
  return outcome;
}

/** @param {unknown} error of a store @returns {Error & { code: string }} */
function withoutData(error) {
  const { code, name } = Object(error);
  const word = [code, name].find(given => typeof given === 'string' && WORD.test(given));
  return Object.assign(new Error('a call of the session store failed'), { code: word ?? 'Error' });
}

module.exports = { channels, isTraced, nameOf, publish, publishEvent, trace };
