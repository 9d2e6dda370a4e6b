'use strict';

module.exports = {
  /**
   * JSON for programs, the page for browsers.
   *
   * @this {import('egg').Context}
   * @param {object} json
   */
  answer(json) {
    if (this.accepts('json', 'html') === 'html') this.redirect('/');
    else this.body = json;
  },
};
