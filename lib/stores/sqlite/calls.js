'use strict';

/**
 * Calls into the native store, and their promises. Each call has a number, and the answers of one transaction come back
 * together. While an answer is due, Node stays alive; an open store alone does not keep it so.
 */

const fs = require('node:fs');
const { dirname } = require('node:path');
const { LONGEST_TIMER_MS } = require('../../engine/lifetime');
const loadBinding = require('../../engine/native/load_binding');
const { sessionError } = require('../../errors');
const { PendingBytes } = require('../pending');

// Captured at load, so that fake timers in an app's tests cannot stop the store.
const { setImmediate, setInterval } = globalThis;

/** What became of a call, as src/store/binding.rs numbers it. */
const Outcome = /** @type {const} */ ({ DONE: 0, TEXT: 1, CONFLICT: 2, GONE: 3, FAILED: 4 });

/** The binding's functions that queue up for the thread that writes. */
const WRITES = new Set(['sqliteSet', 'sqliteCompareAndSet', 'sqliteDestroy', 'sqliteDestroyUser', 'sqliteSweep']);

/** @returns {any} the addon, if it has the store */
function loadStoreBinding() {
  const binding = loadBinding();
  if (typeof binding.openSqliteStore === 'function') return binding;
  throw sessionError('ERR_SESSION_ENGINE', 'This build of the native engine has no SqliteStore');
}

/**
 * Makes the folder of a database where it is missing, for this user alone: sessions are in clear text.
 *
 * @param {string} path
 * @throws {Error} ERR_SESSION_STORE_OPEN
 */
function makeFolderOf(path) {
  const folder = dirname(path);
  if (fs.existsSync(folder)) return;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (cause);
    throw sessionError('ERR_SESSION_STORE_OPEN', `the folder of the session database cannot be found or made (${code}): ${path}`);
  }
}

/** An open file and the calls that wait for it. */
class SqliteCalls {
  #binding;
  #handle;
  #lastId = 0;
  /** @type {Map<number, { resolve(value: any): void, reject(error: Error): void, pending: PendingBytes, bytes: number }>} */
  #waiting = new Map();
  #pendingWrites;
  #pendingReads;
  /** @type {{ key: string, resolve(text: any): void, reject(error: unknown): void }[]} */
  #reads = [];
  #keepAlive;

  /**
   * @param {import('./options').CheckedOptions} options
   * @throws {Error} with a code `ERR_SESSION_STORE_…` for a file that cannot be used
   */
  constructor({ path, synchronousFull, busyTimeoutMs, maxPending, maxPendingBytes, maxFileBytes }) {
    this.#pendingWrites = new PendingBytes(maxPendingBytes);
    this.#pendingReads = new PendingBytes(maxPendingBytes);
    this.#binding = loadStoreBinding();
    makeFolderOf(path);
    try {
      this.#handle = this.#binding.openSqliteStore(
        path, synchronousFull, busyTimeoutMs, maxPending, maxFileBytes, this.#onAnswers.bind(this));
    } catch (cause) {
      const { code, message } = /** @type {Error & { code: string }} */ (cause);
      throw sessionError(code, `${message}: ${path}`);
    }
    this.#keepAlive = setInterval(() => {}, LONGEST_TIMER_MS).unref();
  }

  /**
   * @param {string} name the binding's function
   * @param {...any} args what it takes after the handle and the call's number
   * @returns {Promise<any>}
   * @throws {Error} ERR_SESSION_STORE_BUSY if too many calls wait, or too large ones
   */
  call(name, ...args) {
    return new Promise((resolve, reject) => {
      const id = this.#lastId = (this.#lastId + 1) >>> 0;
      // Reads go on while writes wait for a lock, so each kind has a bound of its own.
      const pending = WRITES.has(name) ? this.#pendingWrites : this.#pendingReads;
      const bytes = pending.take(args);
      try {
        this.#binding[name](this.#handle, id, ...args);
      } catch (err) {
        pending.release(bytes);
        throw err;
      }
      this.#waiting.set(id, { resolve, reject, pending, bytes });
      if (this.#waiting.size === 1) this.#keepAlive.ref();
    });
  }

  /**
   * Reads a session on this thread if the read need not wait. All reads of one turn of the event loop are done together: that is
   * quicker than each amid a request's other work, and the requests go on together.
   *
   * @param {string} key
   * @returns {Promise<string | undefined>}
   */
  get(key) {
    return new Promise((resolve, reject) => {
      if (this.#reads.push({ key, resolve, reject }) === 1) setImmediate(this.#readAll);
    });
  }

  #readAll = () => {
    const reads = this.#reads;
    if (reads.length === 0) return;
    this.#reads = [];
    const now = Date.now();
    try {
      const texts = this.#binding.sqliteGetNow(this.#handle, now, reads.map(({ key }) => key));
      for (let i = 0; i < reads.length; i++) {
        const { key, resolve } = reads[i];
        // null: there is no such session; undefined: the read would have to wait, or the store is closed
        resolve(texts[i] === undefined ? this.call('sqliteGet', now, key) : texts[i] ?? undefined);
      }
    } catch (err) {
      for (const { reject } of reads) reject(err);
    }
  };

  /** @returns {Promise<void>} after everything that waits was answered and the file closed */
  async close() {
    this.#readAll();
    await this.call('sqliteClose');
    clearInterval(this.#keepAlive);
  }

  /** @param {number[]} ids @param {number[]} outcomes @param {(string | null | undefined)[]} texts */
  #onAnswers(ids, outcomes, texts) {
    for (let i = 0; i < ids.length; i++) {
      const call = this.#waiting.get(ids[i]);
      if (call === undefined) continue;
      this.#waiting.delete(ids[i]);
      call.pending.release(call.bytes);
      const text = texts[i] ?? undefined;
      switch (outcomes[i]) {
        case Outcome.DONE: call.resolve({ status: 'done' }); break;
        case Outcome.TEXT: call.resolve(text); break;
        case Outcome.CONFLICT: call.resolve({ status: 'conflict', text }); break;
        case Outcome.GONE: call.resolve({ status: 'gone' }); break;
        default: call.reject(readError(/** @type {string} */ (text)));
      }
    }
    if (this.#waiting.size === 0) this.#keepAlive.unref();
  }
}

/** @param {string} text the code, a space and the message */
function readError(text) {
  const space = text.indexOf(' ');
  return sessionError(text.slice(0, space), text.slice(space + 1));
}

module.exports = { SqliteCalls };
