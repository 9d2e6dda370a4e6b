'use strict';

const http = require('node:http');
const createSession = require('../..');
const { settle } = require('./session_server');

const KOAS = { 'Koa 2.14': 'koa214', 'Koa 2': 'koa', 'Koa 3': 'koa3' };

/**
 * A Koa app with a session, whose handler comes with each visit.
 *
 * @param {import('node:test').TestContext} t
 */
async function serve(t, options, { app = new (require('koa'))(), outer } = {}) {
  app.keys = ['first key'];
  const events = [];
  const errors = [];
  for (const name of ['unsaved', 'changed']) app.on(`session:${name}`, ({ operation }) => events.push([name, operation].filter(Boolean).join(' ')));
  app.on('error', error => errors.push(error));
  if (outer) app.use(outer);
  app.use(createSession({ key: 'SESS', ...options }, app));
  let handle;
  app.use(ctx => handle(ctx));
  const server = http.createServer(app.callback());
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise(resolve => { server.closeAllConnections(); server.close(resolve); }));
  const send = (jar, path = '/') => new Promise((resolve, reject) => {
    const cookie = jar.header({ path: '/' });
    const request = http.get({ port: server.address().port, host: '127.0.0.1', path, headers: cookie ? { cookie } : {}, agent: false }, response => {
      let text = '';
      response.on('data', chunk => { text += chunk; }).on('end', async () => {
        const setCookie = response.headers['set-cookie'] || [];
        jar.store(setCookie, { path: '/' });
        await settle();
        resolve({ status: response.statusCode, text, setCookie, headers: response.headers, events: events.splice(0), errors: errors.splice(0) });
      });
    }).on('error', reject);
    request.setTimeout(1000, () => request.destroy(new Error('no answer')));
  });
  return (jar, handler, path) => {
    if (handler) handle = handler;
    return send(jar, path);
  };
}

const start = ctx => { ctx.session.n = 1; ctx.body = 'ok'; };
const read = ctx => { ctx.body = String(ctx.session.n); };
const valueOf = async (visit, jar) => (await visit(jar, read)).text;

module.exports = { KOAS, read, serve, start, valueOf };
