// An Egg 3 app in TypeScript: config, stores, events and sessions.
import 'egg-session-native';
import { Application, Context, EggAppConfig, PowerPartial } from 'egg';
import {
  MemcachedStore, RedisStore, Revocations, SessionContext, SessionEvent, SessionStore, SqliteStore, TypedSession,
} from 'egg-session-native';

export default () => {
  const config = {} as PowerPartial<EggAppConfig>;

  config.session = {
    key: 'SHOP_SESS',
    maxAge: 30 * 60 * 1000,
    encrypt: true,
    signed: false,
    rolling: true,
    renew: null,
    sameSite: 'lax',
    domain: () => 'example.com',
    priority: 'high',
    partitioned: true,
    removeUnpartitioned: true,
    logValue: false,
    valid: (ctx, session) => ctx.ip === session.ip,
    beforeSave(ctx, session) {
      session.seenBy = ctx.app.name.trim();
    },
    encode: session => JSON.stringify(session),
    decode: text => JSON.parse(text),
    genid: ctx => `${ctx.host}:1`,
    externalKey: {
      get: ctx => ctx.get('x-session-key'),
      set: (ctx, key) => ctx.set('x-session-key', key),
      remove: ctx => ctx.remove('x-session-key'),
    },
    saveWithHeaders: true,
    cookieOnError: false,
  };
  config.session = { maxAge: 'session', encrypt: false };
  config.session = { encrypt: 'sealed', acceptLegacy: false, keys: ['a key', Buffer.from('an older one')], absoluteMaxAge: 1000, chunks: 3, hashKeys: true };
  config.session = { enable: true, match: ctx => ctx.path !== '/', ignore: ['/assets', /^\/public/] };

  // @ts-expect-error no such protection
  config.session = { encrypt: 'bogus' };
  // @ts-expect-error an option of another name
  config.session = { maxage_ms: 1000 };
  // @ts-expect-error a lifetime in words
  config.session = { maxAge: '1 day' };
  // @ts-expect-error a number where a switch is
  config.session = { encrypt: 1 };
  // @ts-expect-error no such value
  config.session = { sameSite: 'sometimes' };
  // @ts-expect-error a key must be text
  config.session = { genid: () => 5 };
  // @ts-expect-error the context has no such type
  config.session = { valid: (ctx: number) => ctx };
  return config;
};

export function stores(app: Application) {
  const redis = { async get(_key: string) { return '{}'; }, async set(..._args: unknown[]) {}, async del(_key: string) {} };

  app.sessionStore = {
    async get(key) {
      const text = await redis.get(key);
      return text ? JSON.parse(text) : null;
    },
    async set(key, session, maxAge, { changed, ctx }) {
      if (!changed) ctx.logger.info('only the lifetime moves, to %s', session._expire);
      await redis.set(key, JSON.stringify(session), 'PX', maxAge === 'session' ? 86400000 : maxAge);
    },
    async destroy(key, { ctx }) {
      ctx.logger.info('logout');
      await redis.del(key);
    },
  };

  const plain = new Map<string, object>();
  app.sessionStore = {
    get: (key: string) => plain.get(key),
    set: (key: string, value: object, _maxAge: number) => { plain.set(key, value); },
    destroy: (key: string) => plain.delete(key),
  };

  app.sessionStore = {
    *get(key: string) {
      const text: string = yield redis.get(key);
      return JSON.parse(text);
    },
    *set(key: string, session: object, maxAge: number) {
      yield redis.set(key, session, 'PX', maxAge);
    },
    *destroy(key: string) {
      yield redis.del(key);
    },
  };

  class AppStore implements SessionStore<Context> {
    constructor(private app: Application) {}
    async get(key: string): Promise<object | null> {
      return this.app.config[key];
    }
    async set(_key: string, _session: object) {}
    async destroy(_key: string) {}
  }
  app.sessionStore = AppStore;
  app.sessionStore = new AppStore(app);
  app.sessionStore = new SqliteStore({ path: 'sessions.db' }).closeWith(app);
  app.sessionStore = new RedisStore({ client: {}, userOf: session => session.userId });
  app.sessionStore = new MemcachedStore({ client: {} });
  app.config.session.revocation = new Revocations({ store: new RedisStore({ client: {} }) });
  app.sessionStore = null;
  app.sessionStore = undefined;
  const current: SessionStore | undefined = app.sessionStore;

  // @ts-expect-error `destroy` is missing
  app.sessionStore = { async get() { return {}; }, async set() {} };
  // @ts-expect-error the class has no methods
  app.sessionStore = class {};
  // @ts-expect-error a session is an object, not its text
  app.sessionStore = { get: () => '{}', async set() {}, async destroy() {} };
  return current;
}

export function events(app: Application) {
  app.on('session:expired', ({ key, value, ctx }) => {
    const logged: string | undefined = key;
    ctx.logger.info('%s %j', logged, value);
  }).on('session:missed', event => event.ctx.ip.trim());
  app.on('session:invalid', (event: SessionEvent<Context>) => event.ctx.throw(403));
  app.on('server', server => server.close());
  // @ts-expect-error the event has no such field
  app.on('session:expired', event => event.session);
}

/** Each event with what its listeners get, and nothing else. */
export function allEvents(app: Application) {
  app.on('session:changed', ({ paths, key }) => [ ...paths, key?.trim() ]);
  app.on('session:conflict', ({ paths, ctx }) => paths.map(path => ctx.path + path));
  app.on('session:gone', ({ key, ctx }) => key.trim() + ctx.ip);
  app.on('session:revoked', ({ ctx }) => ctx.ip);
  app.on('session:store_error', ({ operation, error }) => operation.trim() + error.code);
  app.on('session:oversized', ({ octets, limit, over, attribute }) => (octets - limit - over).toFixed() + attribute?.trim());
  app.on('session:unsaved', ({ operation }) => operation === 'save');
  // @ts-expect-error the event has no such field
  app.on('session:changed', ({ value }) => value);
  // @ts-expect-error nor has this one
  app.on('session:conflict', ({ value }) => value);
  // @ts-expect-error nor this
  app.on('session:gone', ({ paths }) => paths);
  // @ts-expect-error nor this
  app.on('session:revoked', ({ key }) => key);
  // @ts-expect-error nor this
  app.on('session:store_error', ({ value }) => value);
  // @ts-expect-error nor this
  app.on('session:oversized', ({ value }) => value);
  // @ts-expect-error nor this
  app.on('session:unsaved', ({ value }) => value);
}

export async function sessions(ctx: Context) {
  ctx.session.user = { id: 1 };
  const session: TypedSession<{ user?: { id: number } }> = ctx.session;
  session.maxAge = 'session';
  session.maxAge = 1000;
  await session.regenerate();
  session.save((err?: unknown) => { if (err) throw err; });
  const count: number = session.length;
  const id: number | undefined = session.user?.id;
  const cookieName: string = ctx.app.config.session.key;
  // @ts-expect-error not in the shape
  session.cart = [];
  // @ts-expect-error read-only
  session.externalKey = 'mine';
  // @ts-expect-error a lifetime in words
  session.maxAge = 'forever';
  return { count, id, cookieName };
}

export function shaped(ctx: SessionContext<{ userId?: string }>) {
  ctx.session = { userId: 'a' };
  ctx.session = null;
  // @ts-expect-error not in the shape
  ctx.session = { user: 'a' };
  // @ts-expect-error not an object
  ctx.session = 'text';
  const userId: string | undefined = ctx.session?.userId;
  return userId;
}
