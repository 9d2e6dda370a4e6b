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

class PendingBytes {
  #mostBytes;
  #bytes = 0;
  #dropped = new FinalizationRegistry((/** @type {Held} */ held) => held.release());

  /** @param {number} mostBytes */
  constructor(mostBytes) {
    this.#mostBytes = mostBytes;
  }

  /**
   * @param {unknown[]} args of a call; the strings among them count
   * @returns {number} what the call holds, for `release`
   * @throws {Error} ERR_SESSION_STORE_BUSY beyond the bound; never for a call that is alone, or without text (such as `close`)
   */
  take(args) {
    let bytes = CALL_BYTES;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      if (typeof arg === 'string') bytes += UNIT_BYTES * arg.length;
    }
    if (bytes > CALL_BYTES && this.#bytes > 0 && this.#bytes + bytes > this.#mostBytes) {
      throw sessionError('ERR_SESSION_STORE_BUSY',
        `unanswered calls of the store hold too much memory already; maxPendingBytes is ${this.#mostBytes}`);
    }
    this.#bytes += bytes;
    return bytes;
  }

  /** @param {number} bytes as `take` returned them, once */
  release(bytes) {
    this.#bytes -= bytes;
  }

  /**
   * As `take`, for a client that may never answer.
   *
   * @param {unknown[]} args
   * @returns {Held}
   */
  hold(args) {
    return new Held(this, this.take(args));
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

/** What one call holds. It refers to nothing of the call, since it outlives it. */
class Held {
  #pending;
  #bytes;

  /** @param {PendingBytes} pending @param {number} bytes */
  constructor(pending, bytes) {
    this.#pending = pending;
    this.#bytes = bytes;
  }

  /** Any number of times. */
  release() {
    this.#pending.release(this.#bytes);
    this.#bytes = 0;
  }
}

module.exports = { PendingBytes };
