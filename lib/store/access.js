'use strict';

/**
 * Asks the app's store once whether its server lets it do what it needs: by the store's optional method `checkAccess`. A store that
 * was set later is asked at its first request. So is one whose server could not be reached before.
 */

const { BACKEND } = require('./record');
const { optionError } = require('../errors');

const MISTAKES = new Set(['ERR_SESSION_STORE_FORBIDDEN', 'ERR_SESSION_OPTION']);

class AccessCheck {
  #options;
  #keyPrefix;
  #warn;
  /** @type {{ store?: any, revocation?: any, registry?: any }} what has been asked */
  #asked = {};
  #isRunning = false;
  #hasWarned = false;

  /**
   * @param {any} options the app's live options
   * @param {string | null} keyPrefix what external keys begin with; null if the app makes them by a `genid` of its own
   * @param {(message: string, code: string) => void} warn
   */
  constructor(options, keyPrefix, warn) {
    this.#options = options;
    this.#keyPrefix = keyPrefix;
    this.#warn = warn;
  }

  /** @returns {boolean} whether there is a store, or a list of revocations, that has not been asked */
  isDue() {
    const { store, revocation, registry } = this.#options;
    const asked = this.#asked;
    return (store !== asked.store || revocation !== asked.revocation || registry !== asked.registry) && !this.#isRunning;
  }

  /**
   * @returns {Promise<void>} also if the server cannot be reached; then there is a warning, once
   * @throws {Error} ERR_SESSION_STORE_FORBIDDEN or ERR_SESSION_OPTION
   */
  async run() {
    const { store, revocation, registry } = this.#options;
    [this.#asked, this.#isRunning] = [{ store, revocation, registry }, true];
    try {
      checkRegistry(this.#options);
      await Promise.all([ask(store, this.#keyPrefix), ask(revocation), ask(registry)]);
    } catch (error) {
      const { code } = /** @type {{ code?: unknown }} */ (Object(error));
      if (MISTAKES.has(String(code))) throw error;
      this.#asked = {};
      if (!this.#hasWarned) this.#warn(`the session store could not be asked whether it is set up right (${code}): it is asked again at the next request`, 'SESSION_STORE_ACCESS');
      this.#hasWarned = true;
    } finally {
      this.#isRunning = false;
    }
  }

  /** Warns of what is refused, where nobody waits for it. */
  runInBackground() {
    this.run().catch(error => this.#warn(error.message, error.code));
  }
}

/**
 * @param {any} options of a session
 * @throws {TypeError} ERR_SESSION_OPTION if its registry is about other sessions
 */
function checkRegistry({ store, revocation, registry }) {
  if (registry == null) return;
  const backend = registry[BACKEND];
  if (backend !== undefined && backend.serves(store, revocation)) return;
  throw optionError('registry', 'expected a SessionRegistry with the `store` of this session, or with its `revocation` if it has no store');
}

/** @param {any} target @param {...any} args */
async function ask(target, ...args) {
  if (target && typeof target.checkAccess === 'function') await target.checkAccess(...args);
}

module.exports = { AccessCheck, checkRegistry };
