// A Koa 2 app. Needs no types of Egg: types.test.js compiles this file where there are none, too.
import Koa = require('koa');
import createSession = require('egg-session-native');

interface Visits {
  views?: number;
}

const app = new Koa<Koa.DefaultState, createSession.SessionContext<Visits>>();
app.keys = ['one', 'two'];

app.use(createSession({ key: 'koa.sess', maxAge: 1000, beforeSave: ctx => { ctx.vary('cookie'); } }, app));
app.use(createSession(app, { ContextStore: class {
  constructor(public ctx: Koa.Context) {}
  async get() { return {}; }
  async set() {}
  async destroy() {}
} }));
app.use(createSession(app));
app.use(createSession.createSession(null, app));

app.use(async (ctx, next) => {
  if (ctx.session === null) return next();
  const views: number = (ctx.session.views ?? 0) + 1;
  ctx.session.views = views;
  ctx.session.maxAge = 5000;
  const named: string | null | undefined = ctx.sessionOptions.key;
  ctx.body = { views, named, isNew: ctx.session.isNew, json: ctx.session.toJSON() };
  // @ts-expect-error not in the shape
  ctx.session = { viewed: 1 };
  ctx.session = { views: 0 };
  await ctx.session?.manuallyCommit();
  ctx.session = null;
});

app.on('session:missed', (event: createSession.SessionEvent<Koa.Context>) => event.ctx.throw(403));

app.use(createSession({ encrypt: 'sealed', chunks: 3, keys: [new Uint8Array(32)] }, app));
app.on('session:oversized', ({ key, attribute, octets, limit, over, ctx }: createSession.SessionOversizedEvent<Koa.Context>) => {
  const sum: number = limit + over - octets;
  ctx.set('x-over', `${key} ${attribute ?? 'name and value'} ${sum}`);
});
app.on('session:unsaved', ({ operation, key, ctx }: createSession.SessionUnsavedEvent<Koa.Context>) => {
  const isEnd: boolean = operation === 'remove';
  ctx.app.emit('late', isEnd, key);
  // @ts-expect-error no such operation
  return operation === 'load';
});
app.use(createSession({ formerCookies: [{ key: 'OLD' }, { domain: null, path: '/' }, { domain: () => 'example.com' }] }, app));
// @ts-expect-error no such member of a place
createSession({ formerCookies: [{ name: 'OLD' }] }, app);
// @ts-expect-error a number of cookies
createSession({ encrypt: 'sealed', chunks: '3' }, app);
// @ts-expect-error: keys are an array
createSession({ keys: 'a,b' }, app);

const anyData = new Koa<Koa.DefaultState, createSession.SessionContext>();
anyData.use(ctx => {
  if (ctx.session) ctx.session.whatever = { deep: [ 1 ] };
  ctx.session = { whatever: 1 };
  // @ts-expect-error not an object
  ctx.session = 5;
});

// Sessions in cookies that end for good.
const store = { get: async () => ({}), async set() {}, async destroy() {} };
const revocations = new createSession.Revocations({ store, userOf: session => session.userId });
app.use(createSession({ encrypt: 'sealed', absoluteMaxAge: 5000, renew: true, renewThreshold: 0.9, revocation: revocations }, app));
app.use(createSession({ store, idBytes: 32, hashKeys: true, absoluteMaxAge: null }, app));
const own: createSession.Revocation = {
  isRevoked: (id, session) => id === 'gone' || session._createdAt === 0,
  revoke(id: string, untilMs: number) { return [ id, untilMs ]; },
  notBefore: async session => session.since as number,
};
app.on('session:revoked', ({ ctx }: createSession.SessionRevokedEvent<Koa.Context>) => ctx.status);
app.use(async ctx => {
  const id: string | undefined = createSession.sessionId(ctx);
  if (id) await revocations.revoke(id, Date.now());
  await revocations.revokeUser(7);
  await revocations.revokeUser(7, { except: id });
  return own;
});
// @ts-expect-error two methods are needed
createSession({ revocation: { isRevoked: () => false } }, app);
// @ts-expect-error nothing is counted from words
createSession({ absoluteMaxAge: 'session' }, app);
// @ts-expect-error a store is needed
new createSession.Revocations({ userOf: () => 'ada' });

// @ts-expect-error an app is needed
createSession({});
// @ts-expect-error an option of another name
createSession({ maxAgeMs: 1000 }, app);
// @ts-expect-error a store needs three methods
createSession({ store: { get: async () => ({}) } }, app);
// @ts-expect-error a class is not a store here
createSession(app, { store: class { get() {} set() {} destroy() {} } });

// A second session of the app, as docs/several.md has it.
interface AdminContext {
  get adminSession(): createSession.TypedSession<{ admin?: string }> | null;
  set adminSession(content: { admin?: string } | null);
  readonly adminSessionOptions: createSession.SessionOptions;
}
const two = new Koa<Koa.DefaultState, createSession.SessionContext<Visits> & AdminContext>();
two.use(createSession({ key: 'shop', maxAge: 1000 }, two));
two.use(createSession({ as: 'adminSession', key: 'admin', maxAge: 1000, valid: (ctx, session) => ctx.ip !== session._as }, two));
two.use(async ctx => {
  if (ctx.session) ctx.session.views = 1;
  ctx.adminSession = { admin: 'root' };
  await ctx.adminSession?.regenerate();
  const id: string | undefined = createSession.sessionId(ctx, 'adminSession');
  ctx.body = { id, key: ctx.adminSessionOptions.key };
  // @ts-expect-error not in the shape
  ctx.adminSession = { views: 1 };
  ctx.adminSession = null;
});
two.on('session:missed', ({ as, ctx }: createSession.SessionEvent<Koa.Context>) => ctx.set('x-session', as ?? 'session'));
createSession.status(two, 'adminSession').cookies.native satisfies boolean;
// @ts-expect-error a name
createSession({ as: true }, two);

createSession.readSession<{ userId: string; cart: { id: number }[] }>(app, { headers: { cookie: 'a=b' } }).then(session => {
  const user: string | undefined = session?.userId;
  // @ts-expect-error it is frozen
  session!.cart[0].id = 1;
  return user;
});
createSession.readSession(app, new Request('http://localhost'));
createSession.readSession(app, { headers: new Headers() });
app.use(async ctx => { ctx.body = (await createSession.readSession(app, ctx.req))?.anything; });
// @ts-expect-error a request has headers
createSession.readSession(app, {});
