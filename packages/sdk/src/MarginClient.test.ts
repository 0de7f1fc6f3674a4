import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAppRouter, type Services } from '@plimsoll/api'
import * as World from '@plimsoll/api/testing'
import { type Certificate, limitBookAbi, perpVenueAbi } from '@plimsoll/contracts'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { type Address, createPublicClient, custom, decodeFunctionData, encodeFunctionResult, getAddress, type Hex, numberToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMarginClient, type MarginClient, marginActions } from './MarginClient.ts'
import { MarginError } from './MarginError.ts'
import { http } from './Transport.ts'

const key = { account: World.account, venue: World.venue.id, market: 'ETH-PERP' }

/** The real router over the api's test kit, on a real port. */
let server: Server
let client: MarginClient
let busy = 0

/** Serves the router on a free port. */
async function serve(services: Services.Services): Promise<Server> {
  const router = createAppRouter(services, { 'Test.Busy': 'SERVICE_UNAVAILABLE' })
  const handler = createHTTPHandler({
    router,
    basePath: '/trpc/',
    createContext: ({ req }) => ({
      session: req.headers.authorization === 'Bearer token' ? World.session : null,
      token: null,
      client: 'test',
      setSession: () => {},
    }),
  })
  const served = createServer(handler)
  await new Promise<void>((resolve) => served.listen(0, '127.0.0.1', resolve))
  return served
}

function urlOf(served: Server): string {
  return `http://127.0.0.1:${(served.address() as AddressInfo).port}/`
}

beforeAll(async () => {
  const services = World.services()
  const kept = services.ledger.issue
  const issue: typeof kept = (request, decide) => {
    if (busy > 0) {
      busy -= 1
      return Promise.reject(
        Object.assign(new Error('The database did not answer in time.'), {
          name: 'Test.Busy',
          code: 'STORAGE_TIMEOUT',
          hint: 'Ask again.',
        }),
      )
    }
    return kept(request, decide)
  }
  server = await serve({ ...services, ledger: { ...services.ledger, issue } })
  client = createMarginClient({ transport: http(urlOf(server)) })
  await client.signIn({ account: privateKeyToAccount(World.participantId) })
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

describe('getLimit', () => {
  test('worked example: bigint comes out, and the reasons add up', async () => {
    const { limit, asOf } = await client.getLimit(key)
    expect(limit.notional).toBe(World.usd(100_000))
    expect(limit.reasons.reduce((sum, { notional }) => sum + notional, 0n)).toBe(limit.notional)
    expect(asOf).toBe(World.now)
  })

  test('error: the domain’s code, a sentence, the next step', async () => {
    const error = await client.getLimit({ ...key, market: 'XYZ-PERP' }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(MarginError)
    expect(error).toMatchObject({ name: 'Sdk.MarginError', code: 'UNKNOWN_MARKET', hint: 'Markets here: ETH-PERP.' })
  })

  test('error: nobody answers, nobody is signed in', async () => {
    const away = createMarginClient({ transport: http('http://127.0.0.1:9') })
    await expect(away.getLimit(key)).rejects.toMatchObject({ code: 'GATEWAY_UNREACHABLE' })
    const stranger = createMarginClient({ transport: http(client.transport.url) })
    await expect(stranger.getLimit(key)).rejects.toMatchObject({ code: 'SIGN_IN_REQUIRED' })
  })
})

describe('what did not fail at the gateway', () => {
  test('bug: an account that declined to sign, and an answer that cannot be read, were called a gateway that did not answer', async () => {
    const declined = Object.assign(new Error('User rejected the request.\nDetails: none'), { code: 4001 })
    const account = { address: World.account, signMessage: () => Promise.reject(declined) }
    await expect(createMarginClient({ transport: http(client.transport.url) }).signIn({ account })).rejects.toMatchObject({
      code: 'SIGNATURE_REFUSED',
      shortMessage: 'The account did not sign: User rejected the request.',
      cause: declined,
    })
    const garbled = createServer((_, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify([{ result: { data: { limit: {} } } }]))
    })
    await new Promise<void>((resolve) => garbled.listen(0, '127.0.0.1', resolve))
    await expect(createMarginClient({ transport: http(urlOf(garbled)) }).getLimit(key)).rejects.toMatchObject({ code: 'CALL_FAILED' })
    await new Promise((resolve) => garbled.close(resolve))
  })
})

describe('watchLimit', () => {
  /** The router, and what each stream of events was asked with. */
  async function watched(services: Services.Services): Promise<{ readonly served: Server; readonly tokens: (string | undefined)[] }> {
    const tokens: (string | undefined)[] = []
    const served = await serve(services)
    served.prependListener('request', (request) => {
      if (request.url?.includes('limits.watch')) tokens.push(request.headers.authorization)
    })
    return { served, tokens }
  }
  const event = { id: '1', kind: 'limit.issued', at: World.now, body: {} }

  test('bug: a stream that was connected again was of whoever had signed in since', async () => {
    const services = World.services()
    const { served, tokens } = await watched({
      ...services,
      events: async function* ({ signal }) {
        yield event
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    })
    const transport = http(urlOf(served), { token: 'token' })
    const events = createMarginClient({ transport }).watchLimit()
    expect(await events.next()).toMatchObject({ value: event })
    transport.session.token = 'of somebody else'
    const again = events.next()
    served.closeAllConnections()
    expect(await again).toMatchObject({ value: event })
    expect(tokens).toEqual(['Bearer token', 'Bearer token'])
    await events.return?.()
    served.closeAllConnections()
    await new Promise((resolve) => served.close(resolve))
  })

  test('bug: one that was over before it began was waited for for ever, and what it was refused with came without its code', async () => {
    const over = client.watchLimit({ signal: AbortSignal.abort() })
    expect(await over.next()).toEqual({ done: true, value: undefined })
    const stranger = createMarginClient({ transport: http(client.transport.url) })
    await expect(stranger.watchLimit().next()).rejects.toMatchObject({ name: 'Sdk.MarginError', code: 'SIGN_IN_REQUIRED' })
  })
})

describe('getCertificate', () => {
  test('getCertificate threw in a timer: a bigint beside the key is no part of it, and does no harm', async () => {
    const asked = { ...key, notional: World.usd(10_000) }
    expect(await client.getCertificate(asked)).toEqual(await client.getCertificate(key))
    expect((await client.getLimit(asked)).limit.notional).toBe(World.usd(100_000))
  })

  test('getCertificate threw in a timer: what cannot be sent is an error of the call, with its code', async () => {
    const market = 1n as unknown as string
    const calls = [
      () => client.getCertificate({ ...key, market }),
      () => client.getLimit({ ...key, market }),
      () => client.getFragility({ market }),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ name: 'Sdk.MarginError', code: 'REQUEST_UNSENDABLE' })
  })
})

describe('issueLimit', () => {
  test('worked example: the same key gives the same certificate; a busy gateway is asked again', async () => {
    busy = 2
    const first = await client.issueLimit({ ...key, notional: World.usd(10_000), idempotencyKey: 'sdk-first' })
    const again = await client.issueLimit({ ...key, notional: World.usd(10_000), idempotencyKey: 'sdk-first' })
    if (first.status !== 'issued' || again.status !== 'issued') throw new Error('both are issued')
    expect(again.signed).toEqual(first.signed)
    expect(first.signed.certificate.credit).toBe(World.usd(1_000))
    expect(busy).toBe(0)
  })

  test('edge: too much is refused with the hint, not thrown', async () => {
    const answer = await client.issueLimit({ ...key, notional: World.usd(100_001) })
    expect(answer).toMatchObject({ status: 'refused', code: 'CREDIT_INSUFFICIENT' })
  })
})

describe('verifyLimit', () => {
  const asOf = World.now + 10
  const issue = async () => {
    const answer = await client.issueLimit({ ...key, notional: World.usd(20_000), idempotencyKey: 'sdk-verify' })
    if (answer.status !== 'issued') throw new Error(answer.message)
    return answer.signed
  }
  const failing = async (change: (signed: Awaited<ReturnType<typeof issue>>) => Awaited<ReturnType<typeof issue>>, at = asOf) => {
    const { checks } = await client.verifyLimit(change(await issue()), { asOf: at })
    return checks.filter(({ holds }) => !holds).map(({ name }) => name)
  }

  test('worked example: replayed bit for bit, every check holds', async () => {
    expect(await failing((signed) => signed)).toEqual([])
  })

  test('edge: one unit more, another signer, another chain, a minute too late', async () => {
    const with_ = (change: object) => (signed: Awaited<ReturnType<typeof issue>>) => ({
      ...signed,
      certificate: { ...signed.certificate, ...change },
    })
    expect(await failing(with_({ maxNotional: World.usd(20_000) + 1n }))).toEqual(['replayed limit', 'signatures'])
    expect(await failing(with_({ credit: World.usd(2_000) - 1n }))).toEqual(['replayed limit', 'signatures'])
    expect(await failing((signed) => ({ ...signed, chainId: 1 }))).toEqual(['subject', 'signatures'])
    expect(await failing((signed) => ({ ...signed, signatures: [`0x${'11'.repeat(65)}` as Hex] }))).toContain('signature')
    expect(await failing((signed) => signed, World.now + 301)).toEqual(['not expired'])
  })

  /** A chain as a client of the caller's own reads it: the book of the venue, and who signs there. */
  const chain = (given: { readonly book?: Address; readonly signers?: readonly Address[]; readonly sequence?: bigint } = {}) => {
    const { book = World.venue.limitBook, signers = [World.signer.address], sequence = 0n } = given
    const abi = [...limitBookAbi, ...perpVenueAbi]
    const answers: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
      limitBook: () => book,
      epoch: () => World.venue.epoch,
      threshold: () => 1n,
      isSigner: ([address]) => signers.includes(address as Address),
      limitOf: () => {
        const none = { maxNotional: 0n, imPpm: 0, epoch: 0, issuedAt: 0n, expiresAt: 0n, live: false, credit: 0n, ceiling: 0n }
        return { ...none, sequence }
      },
    }
    const request = async ({ method, params }: { readonly method: string; readonly params?: readonly unknown[] }) => {
      if (method === 'eth_chainId') return numberToHex(World.venue.chainId)
      const [{ data }] = params as readonly [{ readonly data: Hex }]
      const { functionName, args } = decodeFunctionData({ abi, data })
      const result = answers[functionName]?.(args ?? [])
      return encodeFunctionResult({ abi, functionName, result } as Parameters<typeof encodeFunctionResult>[0])
    }
    return createPublicClient({ transport: custom({ request }) })
  }
  const failingOn = async (given: Parameters<typeof chain>[0], change: Partial<Awaited<ReturnType<typeof issue>>> = {}) => {
    const { checks } = await client.verifyLimit({ ...(await issue()), ...change }, { asOf, client: chain(given) })
    return checks.filter(({ holds }) => !holds).map(({ name }) => name)
  }

  test('worked example: with a chain of one’s own, its book says who signs', async () => {
    expect(await failingOn({})).toEqual([])
    expect(await failingOn({ sequence: (await issue()).certificate.sequence })).toEqual([])
  })

  test('bug: a gateway that names its own signers, or its own book, was believed although the chain says otherwise', async () => {
    expect(await failingOn({ signers: [] })).toEqual(['signatures on chain'])
    expect(await failingOn({ book: World.account })).toEqual(['book of the venue'])
  })

  test('bug: a certificate that a later one had replaced on the chain was called valid', async () => {
    const { certificate } = await issue()
    expect(await failingOn({ sequence: certificate.sequence + 1n })).toEqual(['sequence on chain'])
  })

  test('bug: the client was asked on whatever chain it was of', async () => {
    expect(await failingOn({}, { chainId: 1 })).toEqual(['subject', 'signatures', 'chain', 'signatures on chain'])
  })

  test('bug: a gateway that says nobody needs to sign had a certificate without a signature called valid', async () => {
    const signed = { ...(await issue()), signatures: [] }
    const { status, checks } = await client.verifyLimit(signed, { asOf, signers: [], threshold: 0 })
    expect(status).toBe('invalid')
    expect(checks.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(['signatures'])
  })
})

describe('a gateway that lies about what is to be signed', () => {
  const me = privateKeyToAccount(World.participantId)
  const signs = () => {
    const signed: unknown[] = []
    const account = {
      address: World.account,
      signMessage: async (args: { readonly message: string }) => {
        signed.push(args)
        return me.signMessage(args)
      },
      signTypedData: async (args: Parameters<typeof me.signTypedData>[0]) => {
        signed.push(args)
        return me.signTypedData(args)
      },
    }
    return { signed, account }
  }
  const against = async (
    change: (services: ReturnType<typeof World.services>) => Services.Services,
    act: (client: MarginClient) => Promise<unknown>,
  ) => {
    const liar = await serve(change(World.services()))
    try {
      await act(createMarginClient({ transport: http(urlOf(liar), { token: 'token' }) }))
    } finally {
      await new Promise((resolve) => liar.close(resolve))
    }
  }

  test('bug: whoever answered could have a sign-in signed for another domain, and sign in there', async () => {
    const { signed, account } = signs()
    for (const auth of [{ domain: 'app.example' }, { uri: 'https://app.example' }, { domain: '127.0.0.1@app.example' }])
      await against(
        (services) => ({ ...services, auth: { ...services.auth, ...auth } }),
        async (client) => {
          await expect(client.signIn({ account })).rejects.toMatchObject({ code: 'FOREIGN_DOMAIN' })
        },
      )
    expect(signed).toEqual([])
  })

  test('bug: whoever answered could hand over the session of another account than the one that signed', async () => {
    const { signed, account } = signs()
    const change = (services: ReturnType<typeof World.services>): Services.Services => ({
      ...services,
      auth: {
        ...services.auth,
        signIn: async () => ({ token: 'theirs', session: { ...World.session, account: World.stranger } }),
      },
    })
    await against(change, async (client) => {
      await expect(client.signIn({ account })).rejects.toMatchObject({
        code: 'FOREIGN_SESSION',
        shortMessage: `The gateway answered with a session of ${World.stranger} instead of ${account.address.toLowerCase()}: it is not kept.`,
        hint: 'Do not act at this gateway, and ask its operator.',
      })
      expect(client.transport.session.token).toBe('token')
    })
    expect(signed).toHaveLength(1)
  })

  test('edge: an account is the same in capitals and small letters', async () => {
    const { account } = signs()
    const known = privateKeyToAccount(World.participantId).address
    await against(
      (services) => services,
      async (client) => {
        const { account: told } = await client.signIn({ account: { ...account, address: known } })
        expect([told, client.transport.session.token]).toEqual([known.toLowerCase(), 'token'])
      },
    )
  })

  test('edge: a gateway that is reached by another name than people sign in to is told so', async () => {
    const { signed, account } = signs()
    await against(
      (services) => ({ ...services, auth: { ...services.auth, domain: 'app.example', uri: 'https://app.example' } }),
      async ({ transport }) => {
        const client = createMarginClient({ transport: http(transport.url, { domain: 'app.example' }) })
        expect(await client.signIn({ account })).toMatchObject({ participantId: World.participantId })
      },
    )
    expect(signed).toHaveLength(1)
  })

  test('bug: whoever answered could have an account signed over to a participant of their own', async () => {
    const { signed, account } = signs()
    const other = { ...account, address: World.stranger }
    const theirs = `eip155:0:${World.signer.address.toLowerCase()}`
    for (const change of [{ account: theirs }, { primary: theirs }])
      await against(
        (services) => {
          const prepareLink: typeof services.identity.prepareLink = async (...args) => ({
            ...(await services.identity.prepareLink(...args)),
            ...change,
          })
          return { ...services, identity: { ...services.identity, prepareLink } }
        },
        async (client) => {
          const linking = client.linkAccount({ account: other, primary: account })
          await expect(linking).rejects.toMatchObject({ code: 'FOREIGN_ACCOUNT' })
        },
      )
    for (const change of [{ fromAccount: theirs }, { intoAccount: theirs }])
      await against(
        (services) => {
          const prepareMerge: typeof services.identity.prepareMerge = async (...args) => ({
            ...(await services.identity.prepareMerge(...args)),
            ...change,
          })
          return { ...services, identity: { ...services.identity, prepareMerge } }
        },
        async (client) => {
          const merging = client.mergeParticipants({ other, primary: account })
          await expect(merging).rejects.toMatchObject({ code: 'FOREIGN_ACCOUNT' })
        },
      )
    expect(signed).toEqual([])
  })

  test('bug: a good certificate of somebody else, or of another notional, was handed on as what had been asked for', async () => {
    const asked = { ...key, notional: World.usd(10_000), idempotencyKey: 'sdk-foreign' }
    for (const change of [
      { account: World.stranger },
      { venue: World.stranger },
      { market: World.participantId },
      { maxNotional: World.usd(10_001) },
    ])
      await against(
        (services) => {
          const issue: typeof services.ledger.issue = async (...args) => {
            const outcome = await services.ledger.issue(...args)
            if (outcome.status !== 'issued') return outcome
            return { ...outcome, signed: { ...outcome.signed, certificate: { ...outcome.signed.certificate, ...change } } }
          }
          const latest: typeof services.ledger.latest = async () => {
            const signed = services.issued.get('sdk-foreign')
            return signed ? { ...signed, certificate: { ...signed.certificate, ...change } } : null
          }
          return { ...services, ledger: { ...services.ledger, issue, latest } }
        },
        async (client) => {
          await expect(client.issueLimit(asked)).rejects.toMatchObject({ code: 'FOREIGN_CERTIFICATE' })
          if (!('maxNotional' in change)) await expect(client.getCertificate(key)).rejects.toMatchObject({ code: 'FOREIGN_CERTIFICATE' })
        },
      )
    const checksummed = { ...key, account: getAddress(World.account), venue: key.venue.replace('cc', 'CC') }
    await against(
      (services) => services,
      async (client) => {
        expect(await client.issueLimit({ ...asked, ...checksummed })).toMatchObject({ status: 'issued' })
        expect(await client.getCertificate(checksummed)).toMatchObject({ reason: null })
      },
    )
  })

  test('edge: who keeps what is open is handed a certificate for that, and for nothing else above what was asked for', async () => {
    const open = World.usd(20_000)
    const asked = { ...key, notional: World.usd(10_000), belowOpen: 'keep', idempotencyKey: 'sdk-keep' } as const
    const holding =
      (told: (certificate: Certificate.Certificate) => Partial<Certificate.Certificate>) =>
      (services: ReturnType<typeof World.services>): Services.Services => {
        const issue: typeof services.ledger.issue = async (request, decide) => {
          const position = { side: 'long', notional: open } as const
          const outcome = await services.ledger.issue(request, (held) => decide({ ...held, ...World.state({ position }) }))
          if (outcome.status !== 'issued') return outcome
          const { certificate } = outcome.signed
          return { ...outcome, signed: { ...outcome.signed, certificate: { ...certificate, ...told(certificate) } } }
        }
        return { ...services, ledger: { ...services.ledger, issue } }
      }
    await against(
      holding(() => ({})),
      async (client) => {
        expect(await client.issueLimit(asked)).toMatchObject({ status: 'issued', signed: { certificate: { maxNotional: open } } })
        const more = { ...asked, notional: open + 1n, idempotencyKey: 'sdk-keep-more' }
        expect(await client.issueLimit(more)).toMatchObject({ status: 'issued', signed: { certificate: { maxNotional: open + 1n } } })
        const plain = { ...asked, belowOpen: 'refuse', idempotencyKey: 'sdk-keep-not' } as const
        expect(await client.issueLimit(plain)).toMatchObject({ status: 'refused', code: 'BELOW_OPEN' })
      },
    )
    for (const change of [{ maxNotional: open + 1n }, { maxNotional: asked.notional - 1n }, { account: World.stranger }])
      await against(
        holding(() => change),
        async (client) => {
          await expect(client.issueLimit(asked)).rejects.toMatchObject({ code: 'FOREIGN_CERTIFICATE' })
        },
      )
    await against(
      (services) => {
        // Another document, in which as much is open as the certificate is for.
        const document: typeof services.ledger.document = async (inputsHash) => `${await services.ledger.document(inputsHash)} `
        const held = holding(() => ({}))(services)
        return { ...held, ledger: { ...held.ledger, document } }
      },
      async (client) => {
        await expect(client.issueLimit(asked)).rejects.toMatchObject({ code: 'FOREIGN_CERTIFICATE' })
      },
    )
  })

  test('bug: who unlinked with a clock that was off was refused: what is signed then is dated by the gateway, as far as it can be believed', async () => {
    const { account } = signs()
    const now = Math.floor(Date.now() / 1000)
    const told: number[] = []
    const unlink: Services.Services['identity']['unlink'] = async (_, __, ending) => void told.push(ending?.message.issuedAt ?? 0)
    const kit = World.services()
    const gateway = await serve({ ...kit, identity: { ...kit.identity, unlink } })
    let at = now
    gateway.prependListener('request', (_, response) => void response.setHeader('date', new Date(at * 1000).toUTCString()))
    try {
      const client = createMarginClient({ transport: http(urlOf(gateway), { token: 'token' }) })
      for (const off of [-240, 240]) {
        at = now + off
        await client.unlinkAccount({ account: World.stranger, by: account })
      }
      // One that lies would have what was signed in the last hour stand, and say that it is over.
      for (const off of [-360, 360]) {
        at = now + off
        await expect(client.unlinkAccount({ account: World.stranger, by: account })).rejects.toMatchObject({ code: 'CLOCKS_APART' })
      }
    } finally {
      await new Promise((resolve) => gateway.close(resolve))
    }
    expect(told).toEqual([now - 240, now + 240])
  })

  test('worked example: who unlinks may sign that it is over: the one that leaves with everybody, another with it alone', async () => {
    const { signed, account } = signs()
    const told: unknown[] = []
    const unlink: Services.Services['identity']['unlink'] = async (_, leaving, ending) => void told.push([leaving.address, ending?.message])
    await against(
      (services) => ({ ...services, identity: { ...services.identity, unlink } }),
      async (client) => {
        const leaving = { account: World.stranger }
        await client.unlinkAccount(leaving)
        expect(signed).toEqual([])
        await client.unlinkAccount({ ...leaving, by: account })
        await client.unlinkAccount({ ...leaving, by: { ...account, address: World.stranger } })
      },
    )
    const idOf = (address: string) => `eip155:0:${address}`
    const issuedAt = expect.any(Number)
    expect(told).toEqual([
      [World.stranger, undefined],
      [World.stranger, { account: idOf(World.account), other: idOf(World.stranger), issuedAt }],
      [World.stranger, { account: idOf(World.stranger), other: null, issuedAt }],
    ])
  })

  test('worked example: what is asked for is signed by both', async () => {
    const { signed, account } = signs()
    const other = { ...account, address: World.stranger }
    await against(
      (services) => services,
      async (client) => {
        await client.linkAccount({ account: other, primary: account })
        await client.mergeParticipants({ other, primary: account })
      },
    )
    expect(signed).toHaveLength(4)
  })
})

describe('getFragility, getClusters, stressMarket', () => {
  const market = { market: 'ETH-PERP' }

  test('worked example: bigint comes out, without a session, with age and source', async () => {
    const anybody = createMarginClient({ transport: http(client.transport.url) })
    const fragility = await anybody.getFragility(market)
    if (fragility.status !== 'ok') throw new Error(fragility.message)
    expect(fragility.down.shocks[4]).toMatchObject({ name: '10%', forced: World.usd(10_000_000), badDebt: 0n })
    expect(fragility.down.local).toMatchObject({ status: 'ok', density: World.usd(10_000_000) })
    expect(fragility.down.brake.steps).toEqual([{ upToNotional: World.usd(1_000_000), ppm: 0 }])
    expect(fragility.up.openInterest).toBe(World.usd(15_000_000))
    expect(fragility.source).toMatchObject({
      blocks: [{ number: 7n }],
      price: { index: World.usd(2_000) },
      bookHash: World.reading.bookHash,
    })

    const clusters = await anybody.getClusters(market)
    if (clusters.status !== 'ok') throw new Error(clusters.message)
    expect(clusters.down.clusters.map(({ cumulative }) => cumulative)).toEqual([World.usd(10_000_000), World.usd(15_000_000)])
    expect(clusters.down.standing.notional).toBe(0n)

    const stress = await anybody.stressMarket({ ...market, shockPpm: -100_000, depthPpm: 500_000 })
    expect(stress).toMatchObject({ status: 'ok', liquidated: 2, forced: World.usd(15_000_000), openInterest: World.usd(15_000_000) })
  })

  test('error: what no market does is refused with what may be asked', async () => {
    await expect(client.stressMarket({ ...market, shockPpm: 0 })).rejects.toMatchObject({
      code: 'SCENARIO_OUT_OF_RANGE',
      hint: 'Give whole ppm from -950000 to 3000000, and a shock that is not 0.',
    })
    await expect(client.getClusters({ market: 'XYZ-PERP' })).rejects.toMatchObject({ code: 'UNKNOWN_MARKET' })
  })
})

describe('extend', () => {
  test('worked example: on a viem client, and on our own', async () => {
    const viem = createPublicClient({ transport: custom({ request: async () => '0x1' }) }).extend(
      marginActions({ transport: client.transport }),
    )
    expect((await viem.getLimit(key)).limit.imPpm).toBe(100_000)
    const own = client.extend(({ getLimit }) => ({ most: async () => (await getLimit(key)).limit.notional }))
    expect(await own.most()).toBe(World.usd(100_000))
  })
})

describe('prepareAcceptLimit', () => {
  test('worked example: what writeContract takes', async () => {
    const answer = await client.issueLimit({ ...key, notional: World.usd(1_000) })
    if (answer.status !== 'issued') throw new Error(answer.message)
    const { request } = client.prepareAcceptLimit(answer.signed)
    expect(request).toMatchObject({ address: World.venue.limitBook, functionName: 'accept' })
    expect(request.args[0].maxNotional).toBe(World.usd(1_000))
  })
})

describe('evidence', () => {
  const proof = {
    merkleTreeDepth: 1,
    merkleTreeRoot: '7',
    nullifier: '1',
    message: '1',
    scope: '1',
    points: Array.from({ length: 8 }, () => '1'),
  }
  const human = { merkle_root: '0x1', nullifier_hash: '0x2', proof: `0x${'0'.repeat(512)}`, verification_level: 'orb' }
  const none = { without: 0, tier: 0, pieces: [] }

  test('worked example: what counts here, what was brought, and what bringing more did', async () => {
    expect(await client.getEvidencePolicy()).toMatchObject({
      scope: 'test',
      groups: [{ name: 'people', root: 7n }],
      worldId: null,
      trusts: [],
    })
    expect(await client.getEvidence()).toEqual(none)
    expect(await client.submitEvidence({ kind: 'semaphore', proof })).toEqual({ status: 'recorded', evidence: none })
    expect(await client.submitEvidence({ kind: 'stored', chainId: 1, uid: World.session.participantId })).toEqual({
      ...{ status: 'refused', code: 'EVIDENCE_WRONG_CHAIN', message: 'The evidence does not count: it is on a chain that is not asked.' },
      ...{ hint: 'See `evidence.policy` for whose word counts here, of whom, and under which schema.', evidence: none },
    })
    expect(await client.submitEvidence({ kind: 'worldId', proof: human })).toMatchObject({ status: 'refused', code: 'EVIDENCE_NOT_SERVED' })
    expect(await client.attestTier()).toBeNull()
  })

  test('error: what is no proof', async () => {
    await expect(client.submitEvidence({ kind: 'semaphore', proof: { ...proof, points: ['1'] } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    for (const change of [{ merkle_root: '1' }, { nullifier_hash: `0x${'1'.repeat(65)}` }, { proof: '0'.repeat(1_027) }])
      await expect(client.submitEvidence({ kind: 'worldId', proof: { ...human, ...change } })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      })
  })
})
