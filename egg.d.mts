// What index.d.ts says of Egg 4, for apps that `import` it: its types for `import` and for `require()` are two, and a
// declaration reaches those of its own file's kind only. In Egg 3 there is one, and this says the same again.

import type * as createSession from './index.js';

// @ts-ignore: Egg may be absent, and this is `any` then.
type EggContext = import('egg').Context;

// @ts-ignore: only Egg 4 declares it, and this is `any` elsewhere.
type Egg4Config = import('@eggjs/core').EggAppConfig['session'];

type EggConfig = string extends keyof Egg4Config
  ? createSession.SessionConfig<EggContext> & { key: string }
  : Egg4Config & Omit<createSession.SessionConfig<EggContext>, keyof Egg4Config>;

// @ts-ignore: Egg may be absent, and nothing is declared then.
declare module 'egg' {
  interface EggAppConfig {
    session: EggConfig;
  }

  interface Application {
    // @ts-ignore: Egg 3 has it as a property (by `Omit`), Egg 4 as a method.
    on<Name extends createSession.SessionEventName>(
      event: Name,
      listener: (event: createSession.SessionEvents<EggContext>[Name]) => void,
    ): this;
    on(event: string | symbol, listener: (...args: any[]) => void): this;
  }
}

// @ts-ignore: Egg 4 may be absent, and nothing is declared then.
declare module '@eggjs/koa' {
  interface Context {
    session: any;
  }
}
