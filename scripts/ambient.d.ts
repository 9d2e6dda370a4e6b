// For the type check of lib/ and example/: the built addon and the platform packages are not there, and co and ws have no types.
declare module '*.node';
declare module 'egg-session-native-*';
declare module 'co';
declare module 'ws';
