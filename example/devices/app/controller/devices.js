'use strict';

/** The account page. Each action answers with the page again. The user comes from the session, and only the id from the browser. */

/** @param {any} ctx */
exports.show = async ctx => {
  const { user } = ctx.session;
  const sessions = user === undefined ? [] : await ctx.app.registry.list(user, { ctx });
  ctx.type = 'html';
  ctx.body = page(user, sessions, ctx.helper.escape);
};

/** @param {any} ctx */
exports.login = async ctx => {
  const { name } = ctx.request.body;
  // A real app asks for a password here.
  if (typeof name !== 'string' || name === '') ctx.throw(422, 'a name, please');
  ctx.session.user = name.slice(0, 100);
  await ctx.session.regenerate();
  ctx.redirect('/');
};

/** @param {any} ctx */
exports.logout = async ctx => {
  ctx.session = null;
  ctx.redirect('/');
};

/** @param {any} ctx */
exports.end = async ctx => {
  const { user } = ctx.session;
  if (user === undefined || !await ctx.app.registry.end(user, ctx.request.body.id)) ctx.throw(404, 'no such session of yours');
  ctx.redirect('/');
};

/** @param {any} ctx */
exports.endOthers = async ctx => {
  await ctx.app.registry.endOthers(ctx);
  ctx.redirect('/');
};

/**
 * @param {string | undefined} user
 * @param {import('../../../..').UserSession[]} sessions
 * @param {(text: string) => string} escape a label is made of what the browser sent
 */
function page(user, sessions, escape) {
  const login = '<form method="post" action="/login"><label>Name <input name="name" required></label> <button>Log in</button></form>';
  const time = (/** @type {number | undefined} */ ms) => (ms === undefined ? 'not known' : new Date(ms).toISOString());
  const rows = sessions.map(({ id, label = 'unknown device', address = '', createdAt, lastSeenAt, current }) => `<tr>
<td>${escape(label)}</td><td>${escape(address)}</td><td>${time(createdAt)}</td><td>${time(lastSeenAt)}</td>
<td>${current ? 'this one' : `<form method="post" action="/end"><input type="hidden" name="id" value="${id}"><button>End</button></form>`}</td></tr>`);
  const account = `<table><tr><th>Device</th><th>Network</th><th>Since</th><th>Last seen</th><th></th></tr>${rows.join('\n')}</table>
<form method="post" action="/end-others"><button>Log out everywhere else</button></form>
<form method="post" action="/logout"><button>Log out</button></form>`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Your devices</title>
<h1>${user === undefined ? 'Hello' : `Hello, ${escape(user)}`}</h1>
${user === undefined ? login : account}
</html>
`;
}
