// An Egg 4 app that declares the session's type itself: it goes before ours.
import { Context } from 'egg';
import { TypedSession } from 'egg-session-native';

declare module '@eggjs/core' {
  interface Context {
    session: TypedSession<{ userId?: number }>;
  }
}

export async function login(ctx: Context) {
  ctx.session.userId = 1;
  await ctx.session.regenerate();
  // @ts-expect-error not in the app's own type
  ctx.session.user = 1;
}
