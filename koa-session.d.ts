// Types for Egg 4.1. There, @eggjs/session 5 declares `config.session` in module `egg`, as `typeof SessionOptions._type` of
// koa-session 7, which lacks `encrypt` and every option of this package. A second declaration of the property is TS2717, and
// that type takes no additions. This file is no module, so its declaration replaces koa-session's own types in any program
// that has index.d.ts. It has the exports of koa-session 7.

declare module 'koa-session' {
  // @ts-ignore: Egg may be absent; the type is `any` then.
  type EggContext = import('egg').Context;

  /** A zod schema at run time. Egg's types need only the type that it checks. */
  export const SessionOptions: { readonly _type: import('./index.js').SessionConfig<EggContext> & { key: string } };
  export type SessionOptions = import('./index.js').SessionOptions;
  export type CreateSessionOptions = SessionOptions;
  export const createSession: typeof import('./index.js');
  export default createSession;
}
