export { createApp } from './app.ts'
export * as Desk from './desk.ts'
export * as Env from './env.ts'
