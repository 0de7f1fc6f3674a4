/** A signer over HTTP: one question, one answer. */
import { Client, Wire } from '@plimsoll/api'
import { type QuorumSigner, Tie } from '@plimsoll/chain'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import { z } from 'zod'
import * as Ending from './ending.ts'
import * as Lowering from './lowering.ts'
import * as Review from './review.ts'
import type { Watch } from './watch.ts'

/** A document has at most a thousand lots. */
const maxBodyBytes = 1024 * 1024
/**
 * Questions of a kind under way at once, in all and of one network; a further one is turned away, not queued: who asks has a deadline. Strangers
 * may bring words that are over, and take no place of a gateway, nor all of each other's. Words of keys are a kind, and of contract accounts another:
 * these are asked on their chains, and take as long as they like.
 */
const most = { '/sign': { all: 32, each: 32 }, '/mark-down': { all: 32, each: 32 }, '/end': { all: 8, each: 2 } } as const

const hex = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{${digits}}$`))
    .transform((value) => value as `0x${string}`)
/** The certificate's or the order's own fields are checked where it is read. */
const message = z.record(z.string(), z.union([z.string(), z.number()]))
const book = { chainId: z.number().int().positive(), limitBook: hex(40) }
const ppm = z.number().int().min(0).max(1_000_000)
const amount = z
  .string()
  .regex(/^(0|[1-9]\d{0,38})$/)
  .transform(BigInt)
  .refine((value) => value < 2n ** 128n)

/** CAIP-10 ids, and what is checked where it is read. */
const named = z.string().max(80)
/** As accounts are linked with it. */
const signature = Wire.anySignature
const time = z.number().int().nonnegative()
const times = { nonce: hex(64), issuedAt: time, expiresAt: time }
const tie = z.discriminatedUnion('kind', [
  z.strictObject({
    ...{ kind: z.literal('link'), accountSignature: signature, primarySignature: signature },
    message: z.strictObject({ participantId: hex(64), account: named, primary: named, ...times }),
  }),
  z.strictObject({
    ...{ kind: z.literal('merge'), fromSignature: signature, intoSignature: signature },
    message: z.strictObject({ from: hex(64), into: hex(64), fromAccount: named, intoAccount: named, ...times }),
  }),
])

const end = z.strictObject({ message: z.strictObject({ account: named, other: named.nullable(), issuedAt: time }), signature })

const certificateQuestion = z.strictObject({
  ...{ ...book, certificate: message, document: z.string() },
  ...{ ties: z.array(tie).max(Tie.most), endings: z.array(end).max(Tie.most).default([]) },
})
const markDownQuestion = z.strictObject({
  ...{ ...book, markDown: message },
  evidence: z.strictObject({ lots: z.array(z.strictObject({ asset: hex(64), amount, haircutPpm: ppm })).max(32), sharePpm: ppm }),
  holders: z.array(hex(40)).min(1).max(256),
  documents: z.array(z.string()).max(8),
})

/** The application; listening is the caller's. */
export function createApp(args: createApp.Args): Hono {
  const { signer, watch, proxies, nameOf, registry, log } = args
  const answers = new Counter({
    name: 'plimsoll_signer_answers_total',
    help: 'Questions by path, and by what they were answered.',
    labelNames: ['path', 'status', 'code'],
    registers: [registry],
  })
  new Gauge({
    name: 'plimsoll_signer_faults',
    help: 'What this signer lacks, as /status names it.',
    registers: [registry],
    collect() {
      this.set(watch.shown().faults.length)
    },
  })
  const app = new Hono()
  app.get('/healthz', (context) => context.json({ ok: true, address: signer.key.address }))
  app.get('/status', (context) => context.json({ address: signer.key.address, ...watch.shown() }))
  app.get('/metrics', async (context) => context.text(await registry.metrics()))
  type Answered = QuorumSigner.Answer | Ending.Answer
  const serve = <question>(
    path: keyof typeof most,
    schema: z.ZodType<question>,
    answer: (question: question, from: string) => Promise<Answered>,
    kindOf: (question: question) => string = () => '',
  ) => {
    const all = new Map<string, string[]>()
    app.post(path, bodyLimit({ maxSize: maxBodyBytes }), async (context) => {
      const outcome = schema.safeParse(await context.req.json().catch(() => null))
      if (!outcome.success) return context.json({ status: 'refused', code: 'UNREADABLE', message: 'The question cannot be read.' }, 400)
      const forwarded = context.req.header('x-forwarded-for')
      const from = nameOf(Client.networkOf(Client.from({ peer: Client.peerOf(context.env), forwarded, proxies })))
      const kind = kindOf(outcome.data)
      const underWay = all.get(kind) ?? []
      all.set(kind, underWay)
      if (underWay.length >= most[path].all || underWay.filter((one) => one === from).length >= most[path].each)
        return context.json({ status: 'unable', code: 'BUSY', message: 'Too many questions at once.' }, 503)
      underWay.push(from)
      try {
        const answered = await answer(outcome.data, from)
        answers.inc({ path, status: answered.status, code: 'code' in answered ? answered.code : '' })
        if (answered.status === 'refused' || answered.status === 'unable') log.warn({ path, ...answered }, 'not signed')
        return context.json(answered)
      } finally {
        underWay.splice(underWay.indexOf(from), 1)
      }
    })
  }
  serve('/sign', certificateQuestion, (question) => Review.answer(signer, question as unknown as QuorumSigner.TiedQuestion))
  serve('/mark-down', markDownQuestion, (question) => Lowering.answer(signer, question as unknown as QuorumSigner.MarkDownQuestion))
  serve(
    '/end',
    end,
    (question, from) => Ending.answer(signer, question, from),
    (question) => (Ending.isOfKey(question) ? 'key' : 'contract'),
  )
  app.onError((error, context) => {
    log.error({ err: error }, 'a question failed')
    return context.json({ status: 'unable', code: 'INTERNAL', message: 'The signer failed.' }, 500)
  })
  return app
}

export declare namespace createApp {
  type Args = {
    readonly signer: Review.Signer
    readonly watch: Watch
    /** Whose word it is taken on whom they ask for. */
    readonly proxies: Client.Proxies
    /** How a network is called where its share is kept: nobody else is to read from a file who called. */
    readonly nameOf: (network: string) => string
    readonly registry: Registry
    readonly log: Logger
  }
}
