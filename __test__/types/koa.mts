// The same from an ES module.
import Koa from 'koa';
import session, { createSession, engine, Keyring, type SessionOptions } from 'egg-session-native';

const app = new Koa();
const options: SessionOptions<Koa.Context> = { key: 'sess', valid: (ctx, value) => ctx.ip === value.ip };
app.use(session(options, app));
app.use(createSession(app, options));
export const ring: Keyring | string = engine.name === 'native' ? new Keyring(['key']) : engine.name;
