'use strict';

const { resolveStore } = require('../../index');

module.exports = {
  /**
   * The external store: an object with `get`, `set` and `destroy`, or a class that takes the app. It serves from the
   * next request on; null goes back to cookies.
   *
   * @this {any}
   */
  set sessionStore(store) {
    const { session } = this.config;
    const isEgg3 = typeof this.toAsyncFunction === 'function';
    const prefix = isEgg3 ? '[egg-session]' : '[@eggjs/session]';
    const logger = isEgg3 ? this.logger : this.coreLogger;
    if (session.store && this.config.env !== 'unittest') {
      logger.warn(`${prefix} sessionStore already exists and will be overwrite`);
    }
    if (!store) {
      session.store = undefined;
      if (!isEgg3) logger.info(`${prefix} sessionStore is disabled`);
      return;
    }
    session.store = resolveStore(store, this);
  },

  /** @this {any} */
  get sessionStore() {
    return this.config.session.store;
  },
};
