// What docs/typescript.md has an Egg 4 app declare.
import { Context } from 'egg';
import { TypedSession } from 'egg-session-native';

declare module '@eggjs/core' {
  interface Context {
    get session(): TypedSession<{ userId?: number }>;
    set session(content: { userId?: number } | null);
  }
}

export async function login(ctx: Context) {
  ctx.session.userId = 1;
  await ctx.session.regenerate();
  ctx.session = { userId: 2 };
  // @ts-expect-error not in the app's own type
  ctx.session.user = 1;
  // @ts-expect-error nor here
  ctx.session = { user: 1 };
}

export function logout(ctx: Context) {
  ctx.session = null;
}
