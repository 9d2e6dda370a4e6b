'use strict';

const Bowser = require('bowser');
// In your own app: require('egg-session-native').
const { SessionRegistry, SqliteStore } = require('../..');

/** @param {import('egg').Context} ctx @returns {string} such as "Firefox, Linux" */
function label(ctx) {
  const { browser, os } = Bowser.parse(ctx.get('user-agent') || 'unknown');
  return [browser.name, os.name].filter(Boolean).join(', ');
}

class AppBoot {
  /** @param {any} app */
  constructor(app) {
    this.app = app;
  }

  async didLoad() {
    const { app } = this;
    const store = new SqliteStore({ path: app.config.sessionsFile, userOf: session => session.user }).closeWith(app);
    app.sessionStore = store;
    app.registry = app.config.session.registry = new SessionRegistry({ store, label, address: 'network' });
  }
}

module.exports = AppBoot;
