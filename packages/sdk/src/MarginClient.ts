/** The client a protocol installs: viem's shape, bigint in and out. */
import { type Attestation, Certificate, limitBookAbi } from '@plimsoll/contracts'
import type { Limit } from '@plimsoll/margin'
import { type Address, type Hex, type PublicClient, type TypedDataDefinition, zeroHash } from 'viem'
import { createSiweMessage } from 'viem/siwe'
import * as Accounts from './Accounts.ts'
import * as Asked from './Asked.ts'
import * as Decode from './Decode.ts'
import * as Fragility from './Fragility.ts'
import { calling, MarginError, of, signing } from './MarginError.ts'
import { type Rpc, rpcOf, type Transport } from './Transport.ts'
import * as Verification from './Verification.ts'

/** One account at one venue in one market. `venue` is its CAIP-10 id. */
export type Key = { readonly account: Address; readonly venue: string; readonly market: string }

/** Whoever signs for an account: a viem local account, or a wallet behind the same two functions. */
export type AccountSigner = {
  readonly address: Address
  /** The chain of a contract account, which the signature is checked on; an externally owned one has none. */
  readonly chainId?: number
  readonly signMessage: (args: { readonly message: string }) => Promise<Hex>
  readonly signTypedData: (args: TypedDataDefinition) => Promise<Hex>
}

/**
 * What a certificate is asked for. `belowOpen` says what to do when that is less than what is open: `refuse` it, unless given; `cut` it to that,
 * so that nothing more can be opened; or `keep` what is open, and sign for that instead.
 */
export type Wanted = Key & { readonly notional: bigint; readonly idempotencyKey?: string; readonly belowOpen?: 'refuse' | 'cut' | 'keep' }

/** What a quote shows of a limit. */
export type ShownLimit = Omit<Limit.Limit, 'granted' | 'damper'>

export type Quote = { readonly limit: ShownLimit; readonly asOf: number; readonly ageSeconds: number }

/** A certificate with what is needed to post it. */
export type SignedLimit = {
  readonly chainId: number
  readonly limitBook: Address
  readonly certificate: Certificate.Certificate
  readonly signatures: readonly Hex[]
}

export type Issued =
  | { readonly status: 'issued'; readonly signed: SignedLimit; readonly limit: ShownLimit | null }
  | { readonly status: 'refused'; readonly code: string; readonly message: string; readonly hint: string; readonly limit: ShownLimit }

/** What is brought as evidence: a Semaphore proof, World ID's, an attestation that a chain stores, or one that its holder has. */
export type EvidenceSubmission =
  | { readonly kind: 'semaphore'; readonly proof: SemaphoreProof }
  | { readonly kind: 'worldId'; readonly proof: WorldIdProof }
  | { readonly kind: 'stored'; readonly chainId: number; readonly uid: Hex }
  | {
      readonly kind: 'signed'
      readonly chainId: number
      readonly attestation: Attestation.Attestation
      readonly signature: Hex
      readonly batch?: { readonly root: Hex; readonly proof: readonly Hex[] }
    }

/** As `@semaphore-protocol/proof` makes it. */
type SemaphoreProof = {
  readonly merkleTreeDepth: number
  readonly merkleTreeRoot: string
  readonly nullifier: string
  readonly message: string
  readonly scope: string
  readonly points: readonly string[]
}

/** As IDKit hands it over, for the policy's app and action and the participant's id as signal. */
type WorldIdProof = {
  readonly merkle_root: string
  readonly nullifier_hash: string
  readonly proof: string
  readonly verification_level: string
}

export type Submitted =
  | { readonly status: 'recorded' | 'renewed'; readonly evidence: Decode.Evidence }
  | {
      readonly status: 'refused'
      readonly code: string
      readonly message: string
      readonly hint: string
      readonly evidence: Decode.Evidence
    }

export type LimitEvent = {
  readonly id: string
  readonly kind: string
  readonly at: number
  readonly body: Readonly<Record<string, unknown>>
}

/** A what-if: the return of the price, what is left of today's depth (all of it unless given), and whether other markets move alike (they stand still unless given). */
export type Shock = {
  readonly market: string
  /** From −950,000 to 3,000,000, not 0. */
  readonly shockPpm: number
  /** From 10,000 to 10,000,000. */
  readonly depthPpm?: number
  readonly others?: 'still' | 'alike'
}

export type MarginActions = Accounts.AccountActions & {
  /** Signs in (SIWE) and keeps the session in the transport. */
  signIn: (args: {
    readonly account: Omit<AccountSigner, 'signTypedData'>
    readonly chainId?: number
  }) => Promise<{ readonly participantId: Hex; readonly account: Address }>
  /** Who is signed in: the transport's token, or in a browser the gateway's cookie. */
  me: () => Promise<{ readonly participantId: Hex; readonly account: Address; readonly expiresAt: number }>
  /** The largest notional in one market if nothing else were issued. Binds nothing. */
  getLimit: (key: Key) => Promise<Quote>
  /**
   * Encumbers credit and returns a signed certificate, or why not. The same idempotency key gives the same certificate; a busy gateway is
   * asked again. Below what is open it is refused with BELOW_OPEN, unless `belowOpen` says what else is meant. A bot that renews one notional
   * asks with `keep`: what is open grows with its price, and would be above it one day.
   */
  issueLimit: (request: Wanted) => Promise<Issued>
  /** The latest certificate of one key, or null with the reason. */
  getCertificate: (key: Key) => Promise<{ readonly signed: SignedLimit | null; readonly reason: string | null }>
  /** The inputs document a certificate binds, and who may sign: what anybody needs to replay it. */
  getInputs: (
    signed: SignedLimit,
  ) => Promise<{ readonly document: string; readonly signers: readonly Address[]; readonly threshold: number }>
  /** Recomputes the limit from its bound inputs, bit for bit, and checks the signatures; with `client`, also against the chain. */
  verifyLimit: (
    signed: SignedLimit,
    options?: {
      readonly client?: PublicClient
      readonly signers?: readonly Address[]
      readonly threshold?: number
      readonly asOf?: number
    },
  ) => Promise<Verification.Verdict>
  /** The transaction that posts a certificate: pass `request` to `writeContract`. */
  prepareAcceptLimit: (signed: SignedLimit) => { readonly request: AcceptRequest }
  /** Every lot, what it counts for and why. */
  getCollateral: () => Promise<Decode.Collateral>
  /** How fragile a market is: leverage, distance, reflexivity, leverage ratio impact, and the brake on raises. Needs no session. */
  getFragility: (args: { readonly market: string }) => Promise<Fragility.Fragility>
  /** Where liquidations lie on both sides of the price, in USD and in σ̂. Needs no session. */
  getClusters: (args: { readonly market: string }) => Promise<Fragility.Clusters>
  /** What one shock would do to the book as it stands. Binds nothing; costs as much as a hundred quotes. Needs no session. */
  stressMarket: (args: Shock) => Promise<Fragility.Stress>
  /** Score, points, what lowers and what would raise it. */
  explain: () => Promise<Decode.Explanation>
  /** What moved the score between two times, line by line; the lines sum to the difference. Unix seconds. */
  diffScore: (times: { readonly from: number; readonly to: number }) => Promise<Decode.ScoreDiff>
  /** Whose word about a person counts at this gateway. */
  getEvidencePolicy: () => Promise<Decode.EvidencePolicy>
  /** What was verified, and what it does to the tier. */
  getEvidence: () => Promise<Decode.Evidence>
  /** Brings evidence; what is refused says why. */
  submitEvidence: (submission: EvidenceSubmission) => Promise<Submitted>
  /** The gateway's own signed word on the tier, for others to read; null where it gives none. `evidenceRoot`: of a tree that you keep. */
  attestTier: (args?: { readonly evidenceRoot: Hex }) => Promise<Decode.Attested | null>
  /** The participant's events, from `lastEventId` on; resumes by itself after a lost connection. */
  watchLimit: (options?: { readonly lastEventId?: string; readonly signal?: AbortSignal }) => AsyncIterableIterator<LimitEvent>
}

export type AcceptRequest = {
  readonly address: Address
  readonly abi: typeof limitBookAbi
  readonly functionName: 'accept'
  readonly args: readonly [ReturnType<typeof Certificate.toStruct>, readonly Hex[]]
}

export type MarginClient = MarginActions & {
  readonly transport: Transport
  extend: <const Extension extends object>(extension: (client: MarginClient) => Extension) => MarginClient & Extension
}

/**
 * A client for one gateway.
 *
 * @param args.transport - `http(url)`.
 */
export function createMarginClient(args: { readonly transport: Transport }): MarginClient {
  const client: MarginClient = {
    transport: args.transport,
    ...marginActions(args)(),
    extend: (extension) => Object.assign({}, client, extension(client)),
  }
  return client
}

/**
 * The same actions for a viem client: `publicClient.extend(marginActions({ transport }))`.
 */
export function marginActions(args: { readonly transport: Transport }): () => MarginActions {
  const { transport } = args
  const rpc = rpcOf(transport)
  return () => ({
    signIn: (options) => signIn(rpc, transport, options),
    ...Accounts.accountActions(rpc, transport),
    me: () =>
      calling(async () => {
        const { participantId, account, expiresAt } = await rpc.auth.me.query()
        return { participantId: participantId as Hex, account: account as Address, expiresAt }
      }),
    getLimit: ({ account, venue, market }) => calling(async () => Decode.quote(await rpc.limits.quote.query({ account, venue, market }))),
    issueLimit: (request) => {
      const { notional, idempotencyKey = crypto.randomUUID(), account, venue, market, belowOpen = 'refuse' } = request
      const key = { account, venue, market }
      const body = { ...key, notional: notional.toString(), idempotencyKey, belowOpen }
      return again(() =>
        calling(async () => {
          const issued = Decode.issued(await rpc.limits.issue.mutate(body))
          if (issued.status !== 'issued') return issued
          const { certificate } = issued.signed
          const isKept = belowOpen === 'keep' && certificate.maxNotional > notional
          Asked.certificate(issued.signed, isKept ? key : { ...key, notional })
          if (isKept) Asked.kept(issued.signed, (await rpc.limits.inputs.query({ inputsHash: certificate.inputsHash })).document)
          return issued
        }),
      )
    },
    getCertificate: ({ account, venue, market }) =>
      calling(async () => {
        const { signed, reason } = await rpc.limits.get.query({ account, venue, market })
        return { signed: signed === null ? null : Asked.certificate(Decode.signed(signed), { account, venue, market }), reason }
      }),
    getInputs: (signed) =>
      calling(async () => {
        const { document } = await rpc.limits.inputs.query({ inputsHash: signed.certificate.inputsHash })
        return { document, ...(await signersOf(rpc)) }
      }),
    verifyLimit: (signed, options = {}) =>
      calling(async () => {
        const { document } = await rpc.limits.inputs.query({ inputsHash: signed.certificate.inputsHash })
        const known =
          options.signers && options.threshold !== undefined
            ? { signers: options.signers, threshold: options.threshold }
            : await signersOf(rpc)
        return Verification.verify({ ...options, ...known, signed, document })
      }),
    prepareAcceptLimit: (signed) => ({
      request: {
        address: signed.limitBook,
        abi: limitBookAbi,
        functionName: 'accept',
        args: [Certificate.toStruct(signed.certificate), signed.signatures],
      },
    }),
    getCollateral: () => calling(async () => Decode.collateral(await rpc.collateral.view.query())),
    getFragility: (args) => calling(async () => Fragility.fragility(await rpc.market.fragility.query(args))),
    getClusters: (args) => calling(async () => Fragility.clusters(await rpc.market.clusters.query(args))),
    stressMarket: (args) => calling(async () => Fragility.stress(await rpc.market.stress.query(args))),
    explain: () => calling(async () => Decode.explanation(await rpc.participants.explain.query())),
    diffScore: (times) => calling(async () => Decode.scoreDiff(await rpc.reputation.diff.query(times))),
    getEvidencePolicy: () => calling(async () => Decode.policy(await rpc.evidence.policy.query())),
    getEvidence: () => calling(() => rpc.evidence.list.query()),
    submitEvidence: (submission) =>
      calling(async () => {
        const answer = await rpc.evidence.submit.mutate({ evidence: submissionOf(submission) })
        if (answer.status !== 'refused') return answer
        return { status: answer.status, ...answer.refusal, evidence: answer.evidence }
      }),
    attestTier: ({ evidenceRoot } = { evidenceRoot: zeroHash }) =>
      calling(async () => Decode.attested(await rpc.evidence.attest.mutate({ evidenceRoot }))),
    watchLimit: (options = {}) => watch(rpc, transport, options),
  })
}

/** How often, and after how many milliseconds first, a call that bound nothing is made again. */
const patience = { attempts: 5, firstMs: 200 }

/** Makes a call with an idempotency key again while the gateway says that it was too busy and nothing was bound. */
async function again<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof MarginError && error.code === 'STORAGE_TIMEOUT') || attempt === patience.attempts) throw error
      await new Promise((resolve) => setTimeout(resolve, patience.firstMs * 2 ** (attempt - 1)))
    }
  }
}

async function signIn(
  rpc: Rpc,
  transport: Transport,
  args: { readonly account: Omit<AccountSigner, 'signTypedData'>; readonly chainId?: number },
) {
  return calling(async () => {
    const { nonce, domain, uri, chainIds, expiresInSeconds } = await rpc.auth.nonce.mutate()
    for (const where of [`http://${domain}`, uri]) Asked.domain(where, transport)
    const now = Date.now()
    const message = createSiweMessage({
      address: args.account.address,
      chainId: args.chainId ?? chainIds[0] ?? 1,
      domain,
      uri,
      nonce,
      version: '1',
      statement: 'Sign in to Plimsoll.',
      issuedAt: new Date(now),
      expirationTime: new Date(now + expiresInSeconds * 1000),
    })
    const signature = await signing(() => args.account.signMessage({ message }))
    const { token, session } = await rpc.auth.signIn.mutate({ message, signature })
    Asked.session(session.account, args.account)
    transport.session.token = token
    return { participantId: session.participantId as Hex, account: session.account as Address }
  })
}

/** As it crosses the network: integers as decimal strings. */
function submissionOf(submission: EvidenceSubmission) {
  if (submission.kind === 'stored' || submission.kind === 'worldId') return submission
  if (submission.kind === 'semaphore') return { ...submission, proof: { ...submission.proof, points: [...submission.proof.points] } }
  const { kind, chainId, attestation, signature, batch } = submission
  const { time, expirationTime } = attestation
  return {
    ...{ kind, chainId, signature, batch: batch ? { root: batch.root, proof: [...batch.proof] } : null },
    attestation: { ...attestation, time: time.toString(), expirationTime: expirationTime.toString() },
  }
}

async function signersOf(rpc: Rpc) {
  const { signers, threshold } = await rpc.health.query()
  return { signers: signers as Address[], threshold }
}

/** A subscription as an async iterator: events wait in order until they are asked for. */
async function* watch(
  rpc: Rpc,
  { session }: Transport,
  options: { readonly lastEventId?: string; readonly signal?: AbortSignal },
): AsyncIterableIterator<LimitEvent> {
  const waiting: LimitEvent[] = []
  let failure: unknown
  let ended = options.signal?.aborted ?? false
  if (ended) return
  let wake = () => {}
  const subscription = rpc.limits.watch.subscribe(
    { lastEventId: options.lastEventId ?? null },
    {
      // Whose events they are is settled now: who signs in later gets them over a later stream.
      context: { token: session.token },
      onData: (event) => {
        waiting.push(event.data as LimitEvent)
        wake()
      },
      onError: (error) => {
        failure = error
        wake()
      },
      onComplete: () => {
        ended = true
        wake()
      },
    },
  )
  const abort = () => {
    ended = true
    wake()
  }
  options.signal?.addEventListener('abort', abort)
  try {
    while (true) {
      const next = waiting.shift()
      if (next) yield next
      else if (failure !== undefined) throw of(failure)
      else if (ended) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    options.signal?.removeEventListener('abort', abort)
    subscription.unsubscribe()
  }
}
