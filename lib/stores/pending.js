'use strict';

/**
 * The memory that unanswered calls of a store hold. A store refuses new calls beyond its option `maxPendingBytes`, so that a
 * server or a disk that does not answer ends in errors and not in a full memory.
 */

const { sessionError } = require('../errors');

/** For a call's promise, its closures and the command that a client makes of it. */
const CALL_BYTES = 1024;
/** V8 keeps a UTF-16 unit in one or two bytes. The length is known; counting UTF-8 bytes would read the whole text. */
const UNIT_BYTES = 2;

/** @typedef {{ bytes: number }} Held what one call holds; 0 once it is released */

class PendingBytes {
  #mostBytes;
  #bytes = 0;
  #dropped = new FinalizationRegistry((/** @type {Held} */ held) => this.release(held));

  /** @param {number} mostBytes */
  constructor(mostBytes) {
    this.#mostBytes = mostBytes;
  }

  /**
   * @param {unknown[]} args of a call; the strings among them count
   * @returns {Held} for `release`
   * @throws {Error} ERR_SESSION_STORE_BUSY beyond the bound; never for a call that is alone, or without text (such as `close`)
   */
  take(args) {
    let bytes = CALL_BYTES;
    for (const arg of args) if (typeof arg === 'string') bytes += UNIT_BYTES * arg.length;
    if (bytes > CALL_BYTES && this.#bytes > 0 && this.#bytes + bytes > this.#mostBytes) {
      throw sessionError('ERR_SESSION_STORE_BUSY',
        `unanswered calls of the store hold too much memory already; maxPendingBytes is ${this.#mostBytes}`);
    }
    this.#bytes += bytes;
    return { bytes };
  }

  /** @param {Held} held any number of times */
  release(held) {
    this.#bytes -= held.bytes;
    held.bytes = 0;
  }

  /**
   * Releases a call whose answer never comes because the client has dropped it: the client of memcached forgets its commands
   * when a connection breaks.
   *
   * @param {Held} held
   * @param {object} answer the client's promise, which is garbage once nothing can settle it
   */
  releaseWith(held, answer) {
    this.#dropped.register(answer, held);
  }
}

module.exports = { PendingBytes };
