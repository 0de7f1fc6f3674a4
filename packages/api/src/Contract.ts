/** The router's type, and nothing of the server behind it: what a client imports. */
import type { createAppRouter } from './Router.ts'

export type AppRouter = ReturnType<typeof createAppRouter>
