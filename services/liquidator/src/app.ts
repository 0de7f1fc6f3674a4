/** The liquidator over HTTP: what it did, and how it stands. It takes no orders. */
import { Actions, type Database } from '@plimsoll/store'
import { Hono } from 'hono'
import type { Logger } from 'pino'
import { z } from 'zod'
import type * as Desk from './desk.ts'

const query = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'from 1 to 1000')
    .transform(Number)
    .refine((value) => value <= 1_000, 'from 1 to 1000')
    .default(100),
  before: z
    .string()
    .regex(/^\d{1,18}$/, 'an id')
    .transform(BigInt)
    .optional(),
  account: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/, 'an address')
    .transform((value) => value as `0x${string}`)
    .optional(),
})

/** The application; listening is the caller's. */
export function createApp(args: createApp.Args): Hono {
  const { database, desks, log } = args
  const app = new Hono()
  app.get('/healthz', (context) => context.json({ ok: true }))
  app.get('/status', (context) => context.json({ desks: desks.map((desk) => desk.shown()) }))
  app.get('/actions', async (context) => {
    const outcome = query.safeParse(context.req.query())
    if (!outcome.success) {
      const problems = outcome.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      const hint = 'Give limit, before and account, each at most once, and nothing else.'
      return context.json({ code: 'QUERY_INVALID', message: `The question cannot be read: ${problems.join('; ')}.`, hint }, 400)
    }
    const { limit, before, account } = outcome.data
    const actions = await Actions.list(database, { limit, before: before ?? null, account: account ?? null })
    return context.json({ actions: actions.map(shownOf) })
  })
  app.notFound((context) =>
    context.json({ code: 'NOT_FOUND', message: 'There is nothing here.', hint: 'Ask GET /status, /actions or /healthz.' }, 404),
  )
  app.onError((error, context) => {
    log.error({ err: error }, 'a question failed')
    return context.json({ code: 'INTERNAL', message: 'The liquidator failed.', hint: 'Its log says why.' }, 500)
  })
  return app
}

export declare namespace createApp {
  type Args = { readonly database: Database.Database; readonly desks: readonly Desk.Desk[]; readonly log: Logger }
}

/** Without the signed bytes: their hashes say enough. */
function shownOf(action: Actions.Action) {
  const { id, nonce, document, result, block, sends, ...rest } = action
  return {
    ...rest,
    id: `${id}`,
    nonce: nonce === null ? null : `${nonce}`,
    block: block && { number: `${block.number}`, hash: block.hash },
    decision: JSON.parse(document) as unknown,
    result: result === null ? null : (JSON.parse(result) as unknown),
    transactions: sends.map(({ hash, maxFeePerGas, maxPriorityFeePerGas }) => ({
      hash,
      maxFeePerGas: `${maxFeePerGas}`,
      maxPriorityFeePerGas: `${maxPriorityFeePerGas}`,
    })),
  }
}
