'use strict';

module.exports = {
  /**
   * Answers with JSON, or redirects a browser to the page.
   *
   * @this {import('egg').Context}
   * @param {object} json
   */
  answer(json) {
    if (this.accepts('json', 'html') === 'html') this.redirect('/');
    else this.body = json;
  },
};
