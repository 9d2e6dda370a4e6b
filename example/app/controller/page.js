'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Controller } = require('egg');
const { engine } = require('../../..');
const { version } = require('../../../package.json');

const LANGUAGES = ['en', 'zh'];
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const page = fs.readFileSync(path.join(__dirname, '../view/page.html'), 'utf8');
const texts = Object.fromEntries(LANGUAGES.map(language => [language, require(`../texts/${language}.json`)]));

class PageController extends Controller {
  /** The demo: one page, in the browser's language. */
  async show() {
    const { ctx } = this;
    const { hasSqlite, originals } = /** @type {any} */ (ctx.app).demo;
    const language = LANGUAGES.includes(ctx.query.lang) ? ctx.query.lang : ctx.acceptsLanguages('en', 'zh') || 'en';
    const text = texts[language];
    const facts = { language, version, engine: engine.name, egg: require('egg/package.json').version, node: process.versions.node };
    const values = {
      ...text, ...facts,
      otherLanguage: LANGUAGES.find(other => other !== language),
      // `<` would end the element that this stands in.
      data: JSON.stringify({ text, hasSqlite, hasOriginals: originals !== undefined }).replace(/</g, '\\u003c'),
    };

    ctx.set('vary', 'accept-language');
    ctx.set('content-security-policy', POLICY);
    ctx.type = 'html';
    ctx.body = page.replace(/\{\{(\w+)\}\}/g, (_, name) => (name === 'data' ? values.data : ctx.helper.escape(String(values[name]))));
  }
}

module.exports = PageController;
