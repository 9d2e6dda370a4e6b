// An Egg 4 app in TypeScript. Egg 4 brings types for `config.session` and `app.sessionStore`; ours add what they lack.
import 'egg-session-native';
import { Application, Context, EggAppConfig, PowerPartial } from 'egg';
import {
  createSession, MemcachedStore, RedisStore, Revocations, Session, SessionStore, SqliteStore,
} from 'egg-session-native';

export default () => {
  const config = {} as PowerPartial<EggAppConfig>;

  config.session = {
    key: 'SHOP_SESS',
    maxAge: 'session',
    encrypt: false,
    rolling: true,
    sameSite: 'lax',
    domain: 'example.com',
    priority: 'high',
    partitioned: true,
    ignoreSecureError: true,
    logValue: false,
    genid: ctx => `${ctx.host}:1`,
    valid: (ctx, session) => ctx.ip === session.ip,
  };
  config.session = { encrypt: 'sealed', acceptLegacy: false, keys: ['a key', Buffer.from('an older one')], absoluteMaxAge: 1000, chunks: 3, hashKeys: true };
  config.session = { enable: true, match: ctx => ctx.path !== '/', ignore: ['/assets', /^\/public/] };

  // @ts-expect-error no such protection
  config.session = { encrypt: 'bogus' };
  // @ts-expect-error an option of another name
  config.session = { maxage_ms: 1000 };
  // @ts-expect-error a number where a switch is
  config.session = { encrypt: 1 };
  // @ts-expect-error no such value
  config.session = { priority: 'first' };
  return config;
};

export function stores(app: Application) {
  class AppStore implements SessionStore<Context> {
    constructor(private app: any) {}
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
  app.sessionStore = null;
  app.config.session.revocation = new Revocations({ store: new RedisStore({ client: {} }) });
  // @ts-expect-error no methods
  app.sessionStore = class {};
}

export function events(app: Application) {
  app.on('session:expired', ({ key, value, ctx }) => {
    const logged: string | undefined = key;
    ctx.logger.info('%s %j', logged, value);
  });
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
  ctx.session.user = 1;
  const session: Session = ctx.session;
  await session.regenerate();
  const cookieName: string = ctx.app.config.session.key;
  return cookieName;
}

export function byHand(app: Application) {
  return createSession({ valid: ctx => ctx.ip.length > 0 }, app);
}
