// What docs/several.md has an Egg 4 app declare for a second session.
import { Context, EggAppConfig } from 'egg';
import { OfSession, SessionConfig, SessionOptions, TypedSession } from 'egg-session-native';

interface AdminSession { admin?: string }

declare module '@eggjs/core' {
  interface Context {
    get adminSession(): TypedSession<AdminSession>;
    set adminSession(content: AdminSession | null);
    readonly adminSessionOptions: SessionOptions<Context>;
  }
  interface EggAppConfig {
    adminSession: SessionConfig<Context>;
  }
}

export function configure(config: EggAppConfig) {
  config.adminSession = { as: 'adminSession', key: 'ADMIN_SESS', encrypt: 'sealed', match: '/admin' };
  // @ts-expect-error a name
  config.adminSession.as = 5;
}

export async function login(ctx: Context) {
  ctx.adminSession.admin = 'root';
  await ctx.adminSession.regenerate();
  const key: string | null | undefined = ctx.adminSessionOptions.key;
  ctx.adminSession = { admin: key ?? 'root' };
  // @ts-expect-error not in the shape
  ctx.adminSession.user = 1;
  // @ts-expect-error nor here
  ctx.adminSession = { user: 1 };
}

export function listen(ctx: Context) {
  ctx.app.on('session:missed', ({ as, key }) => {
    const name: string | undefined = as;
    // @ts-expect-error a name
    return name === 5 || key;
  });
}

export function logout(ctx: Context, { as }: OfSession) {
  if (as === 'adminSession') ctx.adminSession = null;
}
