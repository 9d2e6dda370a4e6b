'use strict';

const { resolveStore } = require('../../index');

module.exports = {
  /**
   * Sets the external store: an object with `get`, `set` and `destroy`, or a class that gets the app. Null: sessions are kept
   * in cookies. The change takes effect with the next request. The log texts are those of egg-session 3.3.0 and
   * @eggjs/session 4.0.1.
   *
   * @this {any}
   * @throws {import('node:assert').AssertionError} if a method is missing
   */
  set sessionStore(store) {
    const { session } = this.config;
    const isEgg4 = 'ContextClass' in this;
    const prefix = isEgg4 ? '[@eggjs/session]' : '[egg-session]';
    const logger = isEgg4 ? this.coreLogger : this.logger;
    if (session.store && this.config.env !== 'unittest') {
      logger.warn(`${prefix} sessionStore already exists and will be overwrite`);
    }
    if (!store) {
      session.store = undefined;
      if (isEgg4) logger.info(`${prefix} sessionStore is disabled`);
      return;
    }
    session.store = resolveStore(store, this);
  },

  /** @this {any} */
  get sessionStore() {
    return this.config.session.store;
  },
};
