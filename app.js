'use strict';

const { checkAccess, engine } = require('./index');

/**
 * The plugin's start. egg-session does this when Egg 3 has loaded the config, @eggjs/session just before Egg 4 has:
 * other plugins see `coreMiddleware` in the order they are used to.
 */
class SessionBoot {
  /** @param {any} app */
  constructor(app) {
    this.app = app;
    // Koa 2 under Egg 3 has no such property.
    this.isEgg4 = 'ContextClass' in app;
  }

  configWillLoad() {
    if (this.isEgg4) this.start('[@eggjs/session]', this.app.coreLogger);
  }

  configDidLoad() {
    if (!this.isEgg4) this.start('[egg-session]', this.app.logger);
  }

  /** The store was set in a `didLoad`. If its server refuses what it needs, the app does not start. */
  async willReady() {
    if (this.app.config.coreMiddleware.includes('session')) await checkAccess(this.app);
  }

  /**
   * @param {string} prefix
   * @param {any} logger
   */
  start(prefix, logger) {
    const { app } = this;
    const { config } = app;
    if (!config.session.httpOnly) {
      logger.warn(`${prefix}: please set \`config.session.httpOnly\` to true. It is very dangerous if session can read by client JavaScript.`);
    }
    if (engine.reason) logger.warn(`${prefix} the portable engine stands in for the native one. ${engine.reason}`);
    if (config.session.encrypt === 'sealed') {
      logger.info(config.session.acceptLegacy === false
        ? '[egg-session-native] session cookies are sealed; older formats are refused'
        : '[egg-session-native] session cookies are written sealed; older formats are still read, so that sessions can be forged until `config.session.acceptLegacy` is false');
    }
    config.coreMiddleware.push('session');
    // `as`: which of the app's sessions, if it is not `ctx.session`.
    app.on('session:missed', (/** @type {any} */ { ctx, key, as = 'session' }) => {
      ctx.coreLogger.warn(`[${as}][missed] key(%s)`, key);
    });
    app.on('session:revoked', (/** @type {any} */ { ctx, as = 'session' }) => {
      ctx.coreLogger.warn(`[${as}][revoked]`);
    });
    app.on('session:store_error', (/** @type {any} */ { ctx, operation, error, as }) => {
      const options = optionsOf(config, ctx, as);
      if (!options.onStoreError && !options.storeTimeout) return;
      ctx.coreLogger.error(`[${as || 'session'}][store_error] operation(%s) code(%s)`, operation, error && error.code);
    });
    app.on('session:oversized', (/** @type {any} */ { ctx, key, attribute, octets, limit, over, as }) => {
      ctx.coreLogger.warn(`[${as || 'session'}][oversized] %s of cookie %s: %d octets, %d over the limit of %d, so that %s`,
        attribute || 'name and value', key, octets, over, limit, whatFollows(attribute, optionsOf(config, ctx, as).chunks));
    });
    app.on('session:unsaved', (/** @type {any} */ { ctx, operation, as = 'session' }) => {
      ctx.coreLogger.warn(`[${as}][unsaved] operation(%s): the headers were sent before the session was saved, so the browser keeps what it has`, operation);
    });
    for (const event of ['expired', 'invalid']) {
      app.on(`session:${event}`, (/** @type {any} */ { ctx, key, value, as }) => {
        const { logValue } = optionsOf(config, ctx, as);
        ctx.coreLogger.warn(`[${as || 'session'}][${event}] key(%s) value(%j)`, key, logValue ? value : '');
      });
    }
  }
}

/**
 * @param {any} config
 * @param {any} ctx
 * @param {string | undefined} as
 * @returns {any} the options of the session that an event is about
 */
function optionsOf(config, ctx, as) {
  return as === undefined ? config.session : { logValue: true, ...ctx[`${as}Options`] };
}

/**
 * @param {string | undefined} attribute the attribute that is too long; undefined if name and value are
 * @param {number | undefined} chunks with this option it is the whole session that is too large for its cookies
 * @returns {string}
 */
function whatFollows(attribute, chunks) {
  if (attribute) return 'a browser ignores it.';
  if (chunks) {
    return 'nothing was sent and the browser keeps the session before. Put less into the session, or use a store or more `chunks`, up to 8.';
  }
  return 'a browser ignores it. Put less into the session, or use a store, `encrypt: \'sealed\'` or `chunks`.';
}

module.exports = SessionBoot;
