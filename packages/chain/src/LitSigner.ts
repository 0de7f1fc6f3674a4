/** A key of the Lit network, used through its own client. Only a signature that recovers to that key over a digest computed here is believed. */
import { type LocalAccount, publicKeyToAddress } from 'viem/accounts'
import { BaseError } from './BaseError.ts'
import type { Hex } from './Hex.ts'
import * as LitAnswer from './LitAnswer.ts'
import { type Question, questionOf } from './QuorumSigner.ts'
import { type Failure, type Request, type Signer, UnavailableError } from './Signer.ts'

/** Where the network is, as Lit's client takes it. */
export type Network = {
  readonly litNetwork: 'custom' | 'datil-dev' | 'datil-test' | 'datil'
  readonly rpcUrl: string
  /** Of a custom network: its staking contract. */
  readonly contractContext?: { readonly Staking: { readonly address: Hex; readonly abi: readonly unknown[] } }
  readonly nodeProtocol?: 'http://' | 'https://'
  readonly checkNodeAttestation: boolean
}

/** What of the client is used. */
type Client = {
  connect: () => Promise<void>
  disconnect: () => Promise<void>
  connectedNodes: Set<string>
  getSessionSigs: (params: Record<string, unknown>) => Promise<Record<string, unknown>>
  executeJs: (params: Record<string, unknown>) => Promise<{ readonly signatures?: unknown; readonly response?: unknown }>
  getLatestBlockhash: () => Promise<string>
}

type Session = {
  readonly client: Client
  readonly nodes: readonly string[]
  readonly sigs: Record<string, unknown>
  readonly until: number
}

const sessionMs = 12 * 3_600_000

/**
 * A signer over one PKP.
 *
 * The client waits for every node it is connected to, and takes whatever most of them answer. So an attempt that fails is made again
 * without one node after the other: one that fails, lies or hangs is left out, and the nodes that did it last are asked first the next
 * time. Each attempt has its own time, and all of them the whole. Connecting needs every node; once connected, one may go.
 *
 * @param args.publicKey - of the PKP, uncompressed.
 * @param args.action - the source that the PKP is permitted to run.
 * @param args.session - signs in to the network. It signs nothing else.
 * @param args.timeoutMs - for one request as a whole. Below what the ledger allows a decision.
 */
export function of(args: of.Args): Signer {
  const { network, publicKey, action, session: wallet, timeoutMs, nowMs = Date.now } = args
  const address = publicKeyToAddress(publicKey).toLowerCase() as Hex
  const attemptMs = Math.floor(timeoutMs / 4)
  let current: Session | null = null
  let opening: Promise<Session> | null = null
  let favourite: readonly string[] | null = null

  /** One at a time, and never for ever: the client's own `connect` waits without end for an RPC that takes the question and is silent. */
  const reopen = (): Promise<Session> => {
    opening ??= open({ network, wallet, untilMs: nowMs() + sessionMs, connectMs: timeoutMs })
      .then((session) => {
        void current?.client.disconnect().catch(() => {})
        current = session
        return session
      })
      .finally(() => {
        opening = null
      })
    return opening
  }
  const sessionOf = async (): Promise<Session> => {
    if (current !== null && current.until > nowMs()) return current
    // One that was begun before may be at the end of its time.
    return (await opening?.catch(() => null)) ?? reopen()
  }

  async function sign(request: Request): Promise<readonly Hex[]> {
    const { digest, question } = questionOf(request)
    const end = nowMs() + timeoutMs
    const failures: Failure[] = []
    const fail = (why: Failure['why'], detail: string) => void failures.push({ signer: address, why, detail })

    let session: Session
    try {
      session = await within(end - nowMs(), sessionOf())
    } catch (error) {
      fail(error instanceof LateError ? 'timeout' : 'unreachable', `no connection to the network: ${reasonOf(error)}`)
      throw new UnavailableError({ threshold: 1, failures })
    }
    for (const nodes of attempts(session.nodes, favourite)) {
      const leftMs = end - nowMs()
      if (leftMs <= 0) break
      try {
        const outcome = await within(Math.min(attemptMs, leftMs), execute({ session, nodes, action, publicKey, question }))
        const signature = certificateOf(outcome.signatures)
        const heard = await LitAnswer.assess({ digest, address, signature, response: outcome.response })
        if (typeof heard === 'string') {
          favourite = nodes
          return [heard]
        }
        fail(heard.why, heard.detail)
      } catch (error) {
        fail(error instanceof LateError ? 'timeout' : 'unable', reasonOf(error))
      }
    }
    // The set of nodes may be another by now. What is connected stays in use until that is known: connecting needs every node.
    reopen().catch(() => {})
    throw LitAnswer.fail(failures)
  }

  return { kind: 'lit', addresses: [address], threshold: 1, sign }
}

export declare namespace of {
  type Args = {
    readonly network: Network
    readonly publicKey: Hex
    readonly action: string
    readonly session: LocalAccount
    readonly timeoutMs: number
    /** Unix milliseconds. */
    readonly nowMs?: () => number
  }
}

/** The nodes that answered last; all; all but one, one after the other. */
function attempts(all: readonly string[], favourite: readonly string[] | null): readonly (readonly string[])[] {
  const without = all.map((_, left) => all.filter((_, i) => i !== left))
  const plain = [all, ...without]
  if (favourite === null) return plain
  return [favourite, ...plain.filter((nodes) => nodes.join() !== favourite.join())]
}

type Execution = {
  readonly session: Session
  readonly nodes: readonly string[]
  readonly action: string
  readonly publicKey: Hex
  readonly question: Question
}

async function execute({ session, nodes, action, publicKey, question }: Execution): ReturnType<Client['executeJs']> {
  const { client, sigs } = session
  client.connectedNodes = new Set(nodes)
  return client.executeJs({
    code: action,
    sessionSigs: sigs,
    jsParams: { question, publicKey },
    // Its default takes the answer that the fewest nodes gave.
    responseStrategy: { strategy: 'mostCommon' },
  })
}

/** Loads the client, connects, and opens a session. The client is large, and is loaded only where it is used. */
async function open(args: {
  readonly network: Network
  readonly wallet: LocalAccount
  readonly untilMs: number
  readonly connectMs: number
}) {
  const { network, wallet, untilMs, connectMs } = args
  const [lit, helpers] = await Promise.all([load('@lit-protocol/lit-node-client'), load('@lit-protocol/auth-helpers')])
  const client = new lit.LitNodeClientNodeJs({ ...network, connectTimeout: connectMs, debug: false })
  try {
    return await within(connectMs, enter({ client, helpers, wallet, untilMs }))
  } catch (error) {
    await client.disconnect().catch(() => {})
    throw error
  }
}

async function enter(args: {
  readonly client: Client
  readonly helpers: Module
  readonly wallet: LocalAccount
  readonly untilMs: number
}): Promise<Session> {
  const { client, helpers, wallet, untilMs } = args
  await client.connect()
  const sigs = await client.getSessionSigs({
    chain: 'ethereum',
    expiration: new Date(untilMs).toISOString(),
    resourceAbilityRequests: [{ resource: new helpers.LitActionResource('*'), ability: 'lit-action-execution' }],
    authNeededCallback: async ({ uri, expiration, resourceAbilityRequests }: Record<string, unknown>) => {
      const toSign = await helpers.createSiweMessage({
        uri,
        expiration,
        resources: resourceAbilityRequests,
        walletAddress: wallet.address,
        nonce: await client.getLatestBlockhash(),
        litNodeClient: client,
      })
      return {
        sig: await wallet.signMessage({ message: toSign }),
        derivedVia: 'web3.eth.personal.sign',
        signedMessage: toSign,
        address: wallet.address,
      }
    },
  })
  const nodes = [...client.connectedNodes].sort()
  return { client, nodes, sigs, until: untilMs - 60_000 }
}

/** What is used of the two packages. */
type Module = {
  readonly LitNodeClientNodeJs: new (config: Record<string, unknown>) => Client
  readonly LitActionResource: new (resource: string) => unknown
  readonly createSiweMessage: (message: Record<string, unknown>) => Promise<string>
}

async function load(name: string): Promise<Module> {
  try {
    return (await import(name)) as Module
  } catch (cause) {
    throw new NotInstalledError({ name, cause })
  }
}

/** A promise of somebody else's that may never settle. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError(ms)), Math.max(1, ms))
  })
  // What comes after the time is over shall not end the process.
  promise.catch(() => {})
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

class LateError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
  }
}

function certificateOf(signatures: unknown): unknown {
  return (signatures as { readonly certificate?: { readonly signature?: unknown } } | null | undefined)?.certificate?.signature
}

function reasonOf(error: unknown): string {
  return LitAnswer.quote(error instanceof Error ? error.message : (JSON.stringify(error) ?? 'no reason'), 200)
}

/** Thrown when Lit's client is asked for and not installed. */
export class NotInstalledError extends BaseError {
  override readonly name = 'LitSigner.NotInstalledError'
  constructor(args: { readonly name: string; readonly cause: unknown }) {
    super({
      code: 'LIT_NOT_INSTALLED',
      message: `The package ${args.name} is not installed.`,
      hint: 'Install @lit-protocol/lit-node-client and @lit-protocol/auth-helpers 7.4.0, or sign with another signer.',
      cause: args.cause,
    })
  }
}
