// An Egg 3 app that declared the session's types itself before: they go on to count.
import 'egg-session-native';
import { Application, Context } from 'egg';

interface MySession {
  userId: number;
  save(): Promise<void>;
}

declare module 'egg' {
  interface Context {
    session: MySession;
  }
  interface Application {
    sessionStore: any;
  }
}

export async function login(ctx: Context) {
  const userId: number = ctx.session.userId;
  await ctx.session.save();
  // @ts-expect-error not in the app's own type
  ctx.session.user = userId;
}

export function store(app: Application) {
  app.sessionStore.anything();
}
