/** A signer over HTTP: one question, one answer. */
import type { QuorumSigner } from '@plimsoll/chain'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Logger } from 'pino'
import { z } from 'zod'
import * as Review from './review.ts'

/** A document has at most a thousand lots. */
const maxBodyBytes = 1024 * 1024
/** Questions under way at once; a further one is turned away, not queued: who asks has a deadline. */
const most = 32

const question = z.strictObject({
  chainId: z.number().int().positive(),
  limitBook: z
    .string()
    .regex(/^0x[0-9a-f]{40}$/)
    .transform((value) => value as `0x${string}`),
  certificate: z.record(z.string(), z.union([z.string(), z.number()])),
  document: z.string(),
})

/** The application; listening is the caller's. */
export function createApp(args: { readonly signer: Review.Signer; readonly log: Logger }): Hono {
  const { signer, log } = args
  let underWay = 0
  const app = new Hono()
  app.get('/healthz', (context) => context.json({ ok: true, address: signer.key.address }))
  app.post('/sign', bodyLimit({ maxSize: maxBodyBytes }), async (context) => {
    const outcome = question.safeParse(await context.req.json().catch(() => null))
    if (!outcome.success) return context.json({ status: 'refused', code: 'UNREADABLE', message: 'The question cannot be read.' }, 400)
    if (underWay >= most) return context.json({ status: 'unable', code: 'BUSY', message: 'Too many questions at once.' }, 503)
    underWay += 1
    try {
      // The certificate's own fields are checked where it is read.
      const answer = await Review.answer(signer, outcome.data as unknown as QuorumSigner.Question)
      if (answer.status !== 'signed') log.warn(answer, 'not signed')
      return context.json(answer)
    } finally {
      underWay -= 1
    }
  })
  app.onError((error, context) => {
    log.error({ err: error }, 'a question failed')
    return context.json({ status: 'unable', code: 'INTERNAL', message: 'The signer failed.' }, 500)
  })
  return app
}
