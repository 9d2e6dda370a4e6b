// An Egg 4 app in TypeScript. Egg 4 brings types for `config.session` and `app.sessionStore`; ours add what they lack.
import 'egg-session-native';
import { Application, Context, EggAppConfig, PowerPartial } from 'egg';
import createSession = require('egg-session-native');

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

  // @ts-expect-error an option of another name
  config.session = { maxage_ms: 1000 };
  // @ts-expect-error a number where a switch is
  config.session = { encrypt: 1 };
  // @ts-expect-error no such value
  config.session = { priority: 'first' };
  return config;
};

export function stores(app: Application) {
  class AppStore implements createSession.SessionStore<Context> {
    constructor(private app: any) {}
    async get(key: string): Promise<object | null> {
      return this.app.config[key];
    }
    async set(_key: string, _session: object) {}
    async destroy(_key: string) {}
  }
  app.sessionStore = AppStore;
  app.sessionStore = new AppStore(app);
  app.sessionStore = null;
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

export async function sessions(ctx: Context) {
  ctx.session.user = 1;
  const session: createSession.Session = ctx.session;
  await session.regenerate();
  const cookieName: string = ctx.app.config.session.key;
  return cookieName;
}

export function byHand(app: Application) {
  return createSession({ valid: ctx => ctx.ip.length > 0 }, app);
}
