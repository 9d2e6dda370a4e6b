// Messages of node:diagnostics_channel.
import { subscribe, tracingChannel } from 'node:diagnostics_channel';
import { SessionChannels, StoreCallMessage } from 'egg-session-native';

function listen<Name extends keyof SessionChannels>(name: Name, listener: (message: SessionChannels[Name]) => void) {
  subscribe(name, message => listener(message as SessionChannels[Name]));
}

listen('egg-session-native:open', ({ as, format, keyIndex, former, inStore }) => {
  const labels: [string, string, number, boolean, boolean] = [as, format, keyIndex ?? -1, former, inStore];
  // @ts-expect-error no such format
  console.log(labels, format === 'hidden');
});
listen('egg-session-native:conflict', ({ values }) => console.log(values.toFixed()));
listen('egg-session-native:oversized', ({ attribute, octets, limit }) => console.log(attribute?.trim(), octets - limit));
listen('tracing:egg-session-native:store:asyncEnd', ({ operation, store, durationMs, error }) => {
  console.log(operation === 'compareAndSet', store, (durationMs ?? 0) / 1000, error?.code);
});
// @ts-expect-error the messages have no ctx
listen('egg-session-native:end', ({ ctx }) => ctx);
// @ts-expect-error no such channel
listen('egg-session-native:begin', () => {});

tracingChannel<unknown, StoreCallMessage>('egg-session-native:store').asyncEnd.subscribe(message => console.log((message as StoreCallMessage).durationMs));
