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
