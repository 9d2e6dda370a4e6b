// The part of index.d.ts about Egg 4, again for apps that `import` Egg. Egg 4 has two sets of types, for `import` and for
// `require()`, and a declaration extends only the set of its own file's kind. Egg 3 has one set; there, this file repeats it.

import type * as createSession from './index.js';

// @ts-ignore: Egg may be absent; the type is `any` then.
type EggContext = import('egg').Context;

// @ts-ignore: only Egg 4 declares it; the type is `any` elsewhere.
type Egg4Config = import('@eggjs/core').EggAppConfig['session'];

// @ts-ignore: only Egg 4.1 exports it; the type is `any` elsewhere.
type Egg41Plugin = import('egg').EggPluginMeta;

// @ts-ignore: Egg may be absent; nothing is declared then.
declare module 'egg' {
  interface EggAppConfig {
    session: createSession.EggSessionConfig<EggContext, Egg4Config, Egg41Plugin>;
  }

  interface Application {
    // @ts-ignore: Egg 3 has it as a property (by `Omit`), Egg 4 as a method.
    on<Name extends createSession.SessionEventName>(
      event: Name,
      listener: createSession.SessionListener<Name, EggContext>,
    ): this;
    on(event: string | symbol, listener: (...args: any[]) => void): this;
  }
}

// @ts-ignore: Egg 4 may be absent; nothing is declared then.
declare module '@eggjs/koa' {
  interface Context {
    session: any;
  }
}
