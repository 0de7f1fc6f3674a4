export { createApp } from './app.ts'
export * as Env from './env.ts'
export * as Memory from './Memory.ts'
export * as Review from './review.ts'
