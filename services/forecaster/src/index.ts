export { type App, createApp } from './app.ts'
export * as Env from './env.ts'
