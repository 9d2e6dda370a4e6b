// The config of an Egg 4.1 app in TypeScript, in each form that Egg 4.1 has for it. Egg's own types refuse `encrypt`.
import 'egg-session-native';
import { defineConfig, defineConfigFactory, type EggAppConfig, type PartialEggConfig } from 'egg';

export const plain: PartialEggConfig = { session: { encrypt: true } };

export default defineConfig({
  session: { key: 'SHOP_SESS', encrypt: 'sealed', acceptLegacy: false, keys: ['a key', Buffer.from('an older one')], absoluteMaxAge: 1000, chunks: 3, hashKeys: true, match: ctx => ctx.path !== '/' },
});

export const factory = defineConfigFactory(appInfo => ({
  session: { encrypt: appInfo.env === 'prod', maxAge: 'session', sameSite: 'lax', priority: 'high', valid: (ctx, session) => ctx.ip === session.ip },
}));

export const key = (config: EggAppConfig): string => config.session.key;

// @ts-expect-error no such protection
export const bogus: PartialEggConfig = { session: { encrypt: 'bogus' } };
// @ts-expect-error an option of another name
export const misspelt: PartialEggConfig = { session: { maxage_ms: 1000 } };
// @ts-expect-error the context has no such method
export const context: PartialEggConfig = { session: { match: ctx => ctx.paths() } };
