export { createApp } from './app.ts'
export * as Config from './config.ts'
export * as Env from './env.ts'
