/**
 * A test kit: a gateway for this page on one port. The router, the limit, the signatures and the wire are the real ones; what stands
 * at the edge, where chains and a database would be, is held in memory here, so that a test can take a chain or a price away.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Context, createAppRouter, type Services } from '@plimsoll/api'
import { figures } from '@plimsoll/api/testing'
import { Hash, Market } from '@plimsoll/contracts'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { type Hex, recoverMessageAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { parseSiweMessage } from 'viem/siwe'
import * as Certificates from './Certificates.ts'
import * as Site from './Site.ts'
import * as World from './World.ts'

export type Edge = AsyncDisposable & { readonly url: string; readonly conditions: World.Conditions; emit: (kind: string) => void }

const hash = (text: string): Hex => Hash.ofText(text)
const signer = privateKeyToAccount(hash('edge signer'))

/** Nothing is missing. */
export const calm: World.Conditions = {
  snapshotAge: 0.4,
  missingChain: null,
  bookUnread: false,
  priceRefused: false,
  closing: false,
  marginCall: false,
  down: false,
  ttlSeconds: 300,
  there: {},
  mixedUp: false,
}

export async function start(dist: string): Promise<Edge> {
  const conditions = { ...calm }
  const sessions = new Map<string, Services.Session>()
  const certificates = Certificates.open()
  const answered = new Map<string, Services.Signed>()
  const documents = new Map<string, string>()
  const listeners = new Set<(event: Services.Event) => void>()
  const nonces = new Set<string>()
  let events = 0
  let origin = ''
  const emit = (kind: string) => {
    const event = { id: String(++events), kind, at: Math.floor(Date.now() / 1000), body: {} }
    for (const listener of listeners) listener(event)
  }
  const snapshot = () => World.snapshot({ conditions, accounts: [...sessions.values()], certificates })

  const services: Services.Services = {
    now: () => Date.now(),
    snapshot,
    fresh: snapshot,
    include: async () => {},
    charge: async () => {},
    evidence: {
      policy: () => ({ scope: 'none', scopeHash: hash('none'), groups: [], worldId: null, trusts: [] }),
      attest: async () => null,
      submit: async () => ({ status: 'refused', code: 'UNTRUSTED_ATTESTER' }),
    },
    auth: {
      get domain() {
        return new URL(origin).host
      },
      get uri() {
        return origin
      },
      chainIds: [World.strait],
      nonce: async () => {
        const nonce = crypto.randomUUID().replaceAll('-', '')
        nonces.add(nonce)
        return nonce
      },
      signIn: async ({ message, signature }) => {
        const { address, nonce, domain } = parseSiweMessage(message)
        const recovered = await recoverMessageAddress({ message, signature })
        if (nonce === undefined || !nonces.delete(nonce) || domain !== new URL(origin).host || address !== recovered)
          throw new Error('the edge refuses this sign-in')
        const account = recovered.toLowerCase() as Hex
        const session = { account, participantId: hash(account), expiresAt: Math.floor(Date.now() / 1000) + 3_600 }
        const token = crypto.randomUUID()
        sessions.set(token, session)
        return { token, session }
      },
      signOut: async (token) => void sessions.delete(token),
      session: async (token) => sessions.get(token) ?? null,
    },
    identity: {
      accounts: async (id) =>
        [...new Set([...sessions.values()].filter(({ participantId }) => participantId === id).map(({ account }) => account))].map(
          (account) => ({
            account: `eip155:0:${account}`,
            linkedAt: Math.floor(Date.now() / 1000) - 86_400 * 40,
          }),
        ),
      owns: async () => false,
      prepareLink: async () => refuse(),
      prepareMerge: async () => refuse(),
      merge: async () => refuse(),
      link: async () => refuse(),
      unlink: async () => refuse(),
    },
    scores: {
      change: () => ({
        modelHash: hash('scorecard'),
        from: 420,
        to: World.score,
        lines: [
          { code: 'GOOD_CLOSES', from: 157, to: 215, points: 58 },
          { code: 'RECENT_LIQUIDATIONS', from: -68, to: -74, points: -6 },
        ],
      }),
    },
    ledger: {
      issue: async (request, decide) => {
        const known = answered.get(request.idempotencyKey)
        if (known) return { status: 'issued', signed: known, replayed: true }
        const key = { participantId: request.participantId, venue: request.venue, symbol: request.market.symbol }
        const state = certificates.ledger({ ...key, there: conditions.there })
        const before = certificates.latest(key)
        const decision = await decide({ ...state, sequence: (before?.certificate.sequence ?? 0n) + 1n })
        if (decision.status === 'refuse') return { status: 'refused' }
        certificates.keep(key, decision.signed)
        answered.set(request.idempotencyKey, decision.signed)
        documents.set(decision.signed.certificate.inputsHash, decision.document)
        emit('limit.issued')
        return { status: 'issued', signed: decision.signed, replayed: false }
      },
      latest: async ({ participantId, venue, market }) => {
        const symbol = World.symbols.find((it) => Market.id(it) === market) ?? ''
        return conditions.mixedUp ? certificates.anybodys({ venue, symbol }) : certificates.latest({ participantId, venue, symbol })
      },
      document: async (inputsHash) => documents.get(inputsHash) ?? null,
      marginCall: () => conditions.marginCall,
    },
    signer: {
      kind: 'local',
      addresses: [signer.address.toLowerCase() as Hex],
      threshold: 1,
      sign: async ({ digest }) => [await signer.sign({ hash: digest })],
      uncounted: () => [],
    },
    figures,
    events: ({ signal }) => stream(listeners, signal),
    version: '0.1.0',
    work: () => ({ holder: 'alone', gateways: 1, shards: [0], jobs: [], fenced: 0 }),
    faults: () => (conditions.missingChain === null ? [] : [`${conditions.missingChain}: RPC_QUORUM_LOST`]),
  }

  const cookies = new WeakMap<object, string | null>()
  const trpc = createHTTPHandler({
    router: createAppRouter(services, {}),
    basePath: '/trpc/',
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') console.error(path, error.cause ?? error)
    },
    createContext: ({ req, res }): Context => {
      const token = req.headers.authorization?.slice(7) ?? /plimsoll_session=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1] ?? null
      return {
        session: token === null ? null : (sessions.get(token) ?? null),
        token,
        client: 'edge',
        setSession: (value) => {
          cookies.set(res, value)
          res.setHeader(
            'set-cookie',
            `plimsoll_session=${value ?? ''}; Path=/; HttpOnly; SameSite=Strict${value === null ? '; Max-Age=0' : ''}`,
          )
        },
      }
    },
  })
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/trpc/')) {
      if (conditions.down) response.destroy()
      else trpc(request, response)
    } else void Site.serve(dist, request.url ?? '/', response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: origin,
    conditions,
    emit,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function refuse(): never {
  throw new Error('the edge links no accounts')
}

async function* stream(listeners: Set<(event: Services.Event) => void>, signal: AbortSignal): AsyncIterable<Services.Event> {
  const waiting: Services.Event[] = []
  let wake = () => {}
  const listener = (event: Services.Event) => {
    waiting.push(event)
    wake()
  }
  const stop = () => wake()
  listeners.add(listener)
  signal.addEventListener('abort', stop)
  while (!signal.aborted) {
    const next = waiting.shift()
    if (next) yield next
    else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  listeners.delete(listener)
}
