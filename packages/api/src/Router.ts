/** The tRPC router: who may ask, what goes in, what comes out. */

import type { Inputs } from '@plimsoll/margin'
import { initTRPC, type TrackedEnvelope } from '@trpc/server'
import type { OpenApiMeta } from 'trpc-to-openapi'
import { z } from 'zod'
import * as AccountSchema from './AccountSchema.ts'
import { BaseError } from './BaseError.ts'
import { type IoCodes, toTRPCError } from './Codes.ts'
import * as Collateral from './Collateral.ts'
import * as Evidence from './Evidence.ts'
import * as Explained from './Explained.ts'
import { SignInRequiredError, UnknownInputsError } from './Fault.ts'
import * as Fragile from './Fragile.ts'
import * as FragileSchema from './FragileSchema.ts'
import * as Gather from './Gather.ts'
import * as Limits from './Limits.ts'
import * as Schema from './Schema.ts'
import * as Sealed from './Sealed.ts'
import type { AccountAt, Services, Session, Signed } from './Services.ts'
import * as Watch from './Watch.ts'
import * as Wire from './Wire.ts'

type Hex = Inputs.Hex

/** What a request brings along. */
export type Context = {
  readonly session: Session | null
  /** The bearer token, for signing out. */
  readonly token: string | null
  /** Whom to charge. */
  readonly client: string
  /** Hands the session to a browser as a cookie, or takes it back. */
  readonly setSession: (token: string | null, expiresAt: number) => void
}

/** What a failed call tells a machine, beside the message. */
export type ErrorShape = { readonly code: string; readonly name: string; readonly hint: string }

const fields = 'Send the fields the schema states, amounts as decimal strings.'
/** What to do about a request that reaches no procedure. */
const hints: Readonly<Record<string, string>> = {
  BAD_REQUEST: fields,
  PARSE_ERROR: fields,
  NOT_FOUND: 'Everything there is stands in /openapi.json.',
  METHOD_NOT_SUPPORTED: 'Ask queries with GET, and mutations with POST.',
  UNSUPPORTED_MEDIA_TYPE: 'Send the body as application/json.',
}

const t = initTRPC
  .context<Context>()
  .meta<OpenApiMeta>()
  .create({
    isDev: false,
    errorFormatter({ shape, error }) {
      const cause = error.cause
      const known = cause instanceof Error && 'hint' in cause && 'code' in cause && error.code !== 'INTERNAL_SERVER_ERROR'
      const isUnread = error.code === 'BAD_REQUEST' || error.code === 'PARSE_ERROR'
      const plimsoll: ErrorShape = known
        ? { code: String(cause.code), name: cause.name, hint: String(cause.hint) }
        : { code: isUnread ? 'INVALID_INPUT' : error.code, name: 'Fault', hint: hints[error.code] ?? 'Report this if it lasts.' }
      const message = cause instanceof z.ZodError ? sentenceOf(cause) : shape.message
      return { ...shape, message, data: { code: shape.data.code, httpStatus: shape.data.httpStatus, path: shape.data.path, plimsoll } }
    },
    sse: { ping: { enabled: true, intervalMs: 2_000 }, client: { reconnectAfterInactivityMs: 5_000 } },
  })

/** The router over the given services. `codes` names the wire code of each error the io may throw. */
export function createAppRouter(services: Services, codes: IoCodes) {
  const guarded = t.middleware(async ({ next }) => {
    const result = await next()
    if (!result.ok && result.error.code === 'INTERNAL_SERVER_ERROR' && result.error.cause !== undefined)
      throw toTRPCError(result.error.cause, codes)
    return result
  })
  const costing = (cost: number) =>
    t.middleware(async ({ ctx, next }) => {
      await services.charge(ctx.client, cost)
      return next()
    })
  const signedIn = t.middleware(({ ctx, next }) => {
    if (ctx.session === null) throw new SignInRequiredError()
    return next({ ctx: { ...ctx, session: ctx.session } })
  })
  const open = (cost: number) => t.procedure.use(guarded).use(costing(cost))
  const personal = (cost: number) => open(cost).use(signedIn)
  const fragile = Fragile.open(services)

  return t.router({
    health: open(1)
      .meta({ openapi: { method: 'GET', path: '/health', summary: 'Is the gateway able to answer, and from what?' } })
      .output(Schema.healthOutput)
      .query(() => {
        const faults = [...services.faults()]
        const { addresses, threshold } = services.signer
        const { shards, jobs, ...part } = services.work()
        const work = { ...part, shards: [...shards], jobs: [...jobs] }
        const base = { version: services.version, signers: [...addresses], threshold, work, faults }
        try {
          const snapshot = services.snapshot()
          const chains = snapshot.chains.map((chain) => Collateral.chainOf(chain, services.now()))
          const degraded = faults.length > 0 || chains.some((chain) => chain.status !== 'ok')
          return {
            ...base,
            status: degraded ? ('degraded' as const) : ('ok' as const),
            snapshotAgeSeconds: age(services, snapshot.takenAtMs),
            chains,
          }
        } catch (error) {
          if (!(error instanceof BaseError)) throw error
          return { ...base, status: 'degraded' as const, snapshotAgeSeconds: null, chains: [] }
        }
      }),

    auth: t.router({
      nonce: open(2)
        .meta({ openapi: { method: 'POST', path: '/auth/nonce', summary: 'A nonce to sign in with, good once.' } })
        .output(AccountSchema.nonceOutput)
        .mutation(async () => {
          const { domain, uri, chainIds } = services.auth
          return { nonce: await services.auth.nonce(), domain, uri, chainIds: [...chainIds], expiresInSeconds: 300 }
        }),
      signIn: open(5)
        .meta({ openapi: { method: 'POST', path: '/auth/sign-in', summary: 'Sign in with a signed SIWE message.' } })
        .input(Sealed.of(AccountSchema.signInInput))
        .output(AccountSchema.signInOutput)
        .mutation(async ({ input, ctx }) => {
          const { token, session } = await services.auth.signIn({ message: input.message, signature: input.signature as Hex })
          await services.include(session.participantId)
          ctx.setSession(token, session.expiresAt)
          return { token, session }
        }),
      me: open(1)
        .meta({ openapi: { method: 'GET', path: '/auth/me', protect: true, summary: 'Who is signed in.' } })
        .use(signedIn)
        .output(AccountSchema.session)
        .query(({ ctx }) => ctx.session),
      signOut: open(1)
        .meta({ openapi: { method: 'POST', path: '/auth/sign-out', protect: true, summary: 'End the session.' } })
        .output(Schema.ok)
        .mutation(async ({ ctx }) => {
          if (ctx.token !== null) await services.auth.signOut(ctx.token)
          ctx.setSession(null, 0)
          return { ok: true as const }
        }),
    }),

    accounts: t.router({
      list: personal(1)
        .meta({ openapi: { method: 'GET', path: '/accounts', protect: true, summary: "The participant's linked accounts." } })
        .output(AccountSchema.accountsOutput)
        .query(({ ctx }) => accountsOf(services, ctx.session)),
      prepareLink: personal(2)
        .meta({
          openapi: { method: 'POST', path: '/accounts/prepare-link', protect: true, summary: 'The message both accounts must sign.' },
        })
        .input(Sealed.of(AccountSchema.prepareLinkInput))
        .output(AccountSchema.linkMessage)
        .mutation(({ input, ctx }) => services.identity.prepareLink(ctx.session, accountAt(input))),
      link: personal(5)
        .meta({
          openapi: {
            method: 'POST',
            path: '/accounts/link',
            protect: true,
            summary: 'Link an account, signed by it and by a current one.',
          },
        })
        .input(Sealed.of(AccountSchema.linkInput))
        .output(AccountSchema.accountsOutput)
        .mutation(async ({ input, ctx }) => {
          await services.identity.link(ctx.session, {
            message: { ...input.message, participantId: input.message.participantId as Hex, nonce: input.message.nonce as Hex },
            accountSignature: input.accountSignature as Hex,
            primarySignature: input.primarySignature as Hex,
          })
          await services.include(ctx.session.participantId)
          return accountsOf(services, ctx.session)
        }),
      unlink: personal(5)
        .meta({
          openapi: { method: 'POST', path: '/accounts/unlink', protect: true, summary: 'Unlink an account. Its negative history stays.' },
        })
        .input(Sealed.of(AccountSchema.unlinkInput))
        .output(AccountSchema.accountsOutput)
        .mutation(async ({ input, ctx }) => {
          const { ending } = input
          const word = ending === undefined ? null : { ...ending, signature: ending.signature as Hex }
          await services.identity.unlink(ctx.session, accountAt(input), word)
          await services.include(ctx.session.participantId)
          return accountsOf(services, ctx.session)
        }),
    }),

    evidence: t.router({
      policy: open(1)
        .meta({ openapi: { method: 'GET', path: '/evidence/policy', summary: 'Whose word about a person counts here, and what for.' } })
        .output(Schema.policyOutput)
        .query(() => Wire.encode(services.evidence.policy())),
      list: personal(1)
        .meta({ openapi: { method: 'GET', path: '/evidence', protect: true, summary: 'What was verified, and what it does to the tier.' } })
        .output(Schema.evidenceOutput)
        .query(({ ctx }) => Evidence.of(services, ctx.session)),
      attest: personal(10)
        .meta({ openapi: { method: 'POST', path: '/evidence/attest', protect: true, summary: 'Our own signed word on the tier.' } })
        .input(Sealed.of(Schema.attestInput))
        .output(Schema.attestOutput)
        .mutation(({ input, ctx }) => Evidence.attest(services, ctx.session, input.evidenceRoot as Hex)),
      submit: personal(10)
        .meta({ openapi: { method: 'POST', path: '/evidence', protect: true, summary: 'Bring a proof or an attestation.' } })
        .input(Sealed.of(Schema.evidenceInput))
        .output(Schema.submitOutput)
        .mutation(({ input, ctx }) => Evidence.submit(services, ctx.session, input)),
    }),

    collateral: t.router({
      view: personal(1)
        .meta({ openapi: { method: 'GET', path: '/collateral', protect: true, summary: 'Every lot, what it counts for, and why.' } })
        .output(Schema.collateralOutput)
        .query(({ ctx }) => Collateral.view(services, ctx.session)),
    }),

    markets: t.router({
      list: open(1)
        .meta({ openapi: { method: 'GET', path: '/markets', summary: 'Markets and venues, prices and how fragile each book is.' } })
        .output(Schema.marketsOutput)
        .query(() => Collateral.markets(services.snapshot())),
    }),

    market: t.router({
      fragility: open(20)
        .meta({
          openapi: {
            method: 'GET',
            path: '/market/fragility',
            summary: 'How fragile one market is: leverage, distance, reflexivity, leverage ratio impact, and the brake on raises.',
          },
        })
        .input(Sealed.of(FragileSchema.marketInput))
        .output(FragileSchema.fragilityOutput)
        .query(({ input }) => fragile.fragility(input.market)),
      clusters: open(5)
        .meta({
          openapi: {
            method: 'GET',
            path: '/market/clusters',
            summary: 'Where liquidations lie on both sides of the price, in USD and in σ̂.',
          },
        })
        .input(Sealed.of(FragileSchema.marketInput))
        .output(FragileSchema.clustersOutput)
        .query(({ input }) => fragile.clusters(input.market)),
      stress: open(100)
        .meta({
          openapi: { method: 'POST', path: '/market/stress', summary: 'What one shock would do to the book as it stands. Binds nothing.' },
        })
        .input(Sealed.of(FragileSchema.stressInput))
        .output(FragileSchema.stressOutput)
        .query(({ input }) => fragile.stress(input)),
    }),

    limits: t.router({
      quote: personal(1)
        .meta({
          openapi: { method: 'GET', path: '/limits/quote', protect: true, summary: 'The largest notional in one market. Binds nothing.' },
        })
        .input(Sealed.of(Schema.quoteInput))
        .output(Schema.quoteOutput)
        .query(({ input, ctx }) => Limits.quote(services, ctx.session, input)),
      issue: personal(10)
        .meta({ openapi: { method: 'POST', path: '/limits/issue', protect: true, summary: 'Encumber credit and sign a certificate.' } })
        .input(Sealed.of(Schema.issueInput))
        .output(Schema.issueOutput)
        .mutation(async ({ input, ctx }) => {
          const answer = await Limits.issue(services, ctx.session, { ...input, notional: BigInt(input.notional) })
          return answer.status === 'issued' ? { ...answer, signed: signedOf(answer.signed) } : answer
        }),
      get: personal(2)
        .meta({ openapi: { method: 'GET', path: '/limits', protect: true, summary: 'The latest certificate of one key.' } })
        .input(Sealed.of(Schema.getInput))
        .output(Schema.getOutput)
        .query(async ({ input, ctx }) => {
          const account = await Limits.owned(services, ctx.session, input)
          const snapshot = services.snapshot()
          const venue = Gather.venueOf(snapshot, input.venue)
          const { terms } = Gather.marketOf(snapshot, input.market)
          const signed = await services.ledger.latest({ participantId: ctx.session.participantId, account, venue, market: terms.id })
          return signed
            ? { signed: signedOf(signed), reason: null }
            : { signed: null, reason: 'No certificate has been issued for this account, venue and market.' }
        }),
      inputs: open(2)
        .meta({ openapi: { method: 'GET', path: '/limits/inputs', summary: 'The inputs document a certificate binds, for replay.' } })
        .input(Sealed.of(Schema.inputsInput))
        .output(Schema.inputsOutput)
        .query(async ({ input }) => {
          const document = await services.ledger.document(input.inputsHash as Hex)
          if (document === null) throw new UnknownInputsError(input.inputsHash)
          return { inputsHash: input.inputsHash, document }
        }),
      watch: personal(2)
        .input(Sealed.of(Schema.watchInput))
        .subscription(({ input, ctx, signal }): AsyncGenerator<TrackedEnvelope<z.infer<typeof Schema.event>>, void, undefined> => {
          const { session, token } = ctx
          return Watch.events(services, { session, token, after: input.lastEventId ?? null, signal, codes })
        }),
    }),

    forecasts: t.router({
      latest: open(1)
        .meta({ openapi: { method: 'GET', path: '/forecasts', summary: 'The volatility forecasts limits are computed from.' } })
        .output(Schema.forecastsOutput)
        .query(() => Collateral.forecasts(services.snapshot())),
    }),

    participants: t.router({
      prepareMerge: personal(2)
        .meta({ openapi: { method: 'POST', path: '/participants/prepare-merge', protect: true, summary: 'The message of a merge.' } })
        .input(Sealed.of(AccountSchema.prepareLinkInput))
        .output(AccountSchema.mergeMessage)
        .mutation(({ input, ctx }) => services.identity.prepareMerge(ctx.session, accountAt(input))),
      merge: personal(5)
        .meta({
          openapi: { method: 'POST', path: '/participants/merge', protect: true, summary: 'Make two one. The bad history of both stays.' },
        })
        .input(Sealed.of(AccountSchema.mergeInput))
        .output(AccountSchema.accountsOutput)
        .mutation(async ({ input: { message, fromSignature, intoSignature }, ctx }) => {
          await services.identity.merge(ctx.session, {
            message: { ...message, from: message.from as Hex, into: message.into as Hex, nonce: message.nonce as Hex },
            fromSignature: fromSignature as Hex,
            intoSignature: intoSignature as Hex,
          })
          await services.include(ctx.session.participantId)
          return accountsOf(services, ctx.session)
        }),
      explain: personal(2)
        .meta({
          openapi: {
            method: 'GET',
            path: '/participants/explain',
            protect: true,
            summary: 'Score, points, what lowers and what would raise it.',
          },
        })
        .output(Schema.explainOutput)
        .query(({ ctx }) => Explained.of(services, ctx.session)),
    }),

    reputation: t.router({
      diff: personal(2)
        .meta({
          openapi: {
            method: 'GET',
            path: '/reputation/diff',
            protect: true,
            summary: 'What moved the score between two times, line by line.',
          },
        })
        .input(Schema.diffInput)
        .output(Schema.diffOutput)
        .query(({ input, ctx }) => {
          const { modelHash, from, to, lines } = services.scores.change(ctx.session.participantId, input)
          return { modelHash, from: { at: input.from, score: from }, to: { at: input.to, score: to }, lines: [...lines] }
        }),
    }),
  })
}

async function accountsOf(services: Services, { participantId }: Session) {
  return { participantId, accounts: [...(await services.identity.accounts(participantId))] }
}

function accountAt({ account, chainId }: { readonly account: string; readonly chainId: number }): AccountAt {
  return { address: account.toLowerCase() as Hex, chainId }
}

/** The first thing that is wrong with an input, in one sentence, and how many more there are. */
function sentenceOf({ issues }: z.ZodError): string {
  const [first] = issues
  const at = first?.path.map(String).join('.') ?? ''
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return `The input cannot be read: ${at === '' ? '' : `${at}: `}${first?.message ?? 'it is none'}${more}.`
}

function age(services: Services, takenAtMs: number): number {
  return Math.max(0, services.now() - takenAtMs) / 1000
}

function signedOf(signed: Signed) {
  return { ...Wire.encode(signed), signatures: [...signed.signatures] }
}
