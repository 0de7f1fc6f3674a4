/** Whoever means harm over HTTP gets a code, a sentence and a next step: no failure of the gateway's own, no silence, and nothing without bound. */
import { connect } from 'node:net'
import type { House } from '@plimsoll/localnet'
import { Wallet } from '@plimsoll/localnet'
import { createSiweMessage } from 'viem/siwe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

let house: House.House
let trader: Kit.Trader
let token: string
let key: { readonly account: string; readonly venue: string; readonly market: string }
let signedIn: { readonly message: string; readonly signature: string }

beforeAll(async () => {
  house = await Kit.house()
  const [first] = await Kit.traders({ house, names: ['hostile'], dollars: 10_000 })
  if (!first) throw new Error('one trader was asked for')
  trader = first
  key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
  const session = await sign()
  ;({ token } = session)
  signedIn = session
}, 120_000)
afterAll(() => house?.stop())

type Answer = { readonly status: number; readonly text: string; readonly type: string }

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(`${house.gateway.url}${path}`, { signal: AbortSignal.timeout(10_000), ...init })
  return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') ?? '' }
}

const own = () => ({ authorization: `Bearer ${token}` })
const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
})
const query = (input: unknown) => `?input=${encodeURIComponent(JSON.stringify(input))}`

async function sign(): Promise<{ readonly token: string; readonly message: string; readonly signature: string }> {
  const account = trader.account
  const { nonce, domain, uri, chainIds } = JSON.parse((await ask('/v1/auth/nonce', post({}))).text)
  const message = createSiweMessage({
    ...{ address: account.address, chainId: chainIds[0], domain, uri, nonce, version: '1' },
    ...{ issuedAt: new Date(), expirationTime: new Date(Date.now() + 300_000) },
  })
  const signature = await account.signMessage({ message })
  const answer = JSON.parse((await ask('/v1/auth/sign-in', post({ message, signature }))).text)
  return { token: answer.token, message, signature }
}

type Fault = { readonly code: string; readonly message: string; readonly hint: string }

/** The fault of an answer, wherever it stands in it: of tRPC, of REST, or of the edge. */
function faultOf(text: string): Fault {
  const [body] = [JSON.parse(text)].flat()
  const inner = body.error ?? body
  const { code, hint } = inner.data?.plimsoll ?? inner
  return { code, message: inner.message, hint }
}

/** Refused, and said so: a status of the caller's, a code, one sentence, a next step. */
function typed({ status, text, type }: Answer): string {
  expect([status >= 400 && status < 500, type.startsWith('application/json')], `${status} ${type} ${text.slice(0, 300)}`).toEqual([
    true,
    true,
  ])
  const { code, message, hint } = faultOf(text)
  expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/)
  expect(message, text).toMatch(/^[^\n[{]{5,600}$/)
  expect(hint, text).toMatch(/^[^\n]{5,}$/)
  expect(hint).not.toContain('Report this')
  return code
}

describe('requests that reach no procedure', () => {
  test.each([
    ['a path that is none', '/trpc/nothing.here', {}],
    ['the root', '/trpc/', {}],
    ['a name of every object', '/trpc/constructor', {}],
    ['a prototype', '/trpc/__proto__', {}],
    ['an encoded slash', '/trpc/limits%2Fquote', {}],
    ['bytes that are no text', '/trpc/%ff%fe', {}],
    ['a way out of the tree', '/v1/..%2f..%2fetc/passwd', {}],
    ['bytes that are no text, over REST', '/v1/%ff%fe', {}],
    ['nothing of REST', '/v1/nothing', {}],
    ['a mutation asked with GET', '/trpc/auth.nonce', {}],
    ['a query asked with POST', '/trpc/markets.list', post({})],
    ['another method', '/trpc/auth.nonce', { ...post({}), method: 'PUT' }],
    ['a method of REST that is none', '/v1/health', { method: 'DELETE' }],
    ['no body', '/trpc/auth.signIn', { method: 'POST' }],
    ['a form', '/trpc/auth.signIn', post('a=1', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['plain text', '/trpc/auth.signIn', post('{}', { 'content-type': 'text/plain' })],
    ['parts without a part', '/trpc/auth.signIn', post('--x', { 'content-type': 'multipart/form-data; boundary=x' })],
    ['bytes', '/trpc/auth.signIn', post('xxxx', { 'content-type': 'application/octet-stream' })],
    ['a form, over REST', '/v1/auth/sign-in', post('a=1', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['XML, over REST', '/v1/auth/sign-in', post('<a/>', { 'content-type': 'text/xml' })],
    ['half a document', '/trpc/auth.signIn', post('{')],
    ['half a document, over REST', '/v1/auth/sign-in', post('{')],
    ['thirty thousand levels, never closed', '/trpc/auth.signIn', post('['.repeat(30_000))],
    ['thirty thousand levels', '/trpc/auth.signIn', post('['.repeat(30_000) + ']'.repeat(30_000))],
    ['ten thousand levels, over REST', '/v1/auth/sign-in', post(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)],
    ['a megabyte', '/trpc/auth.signIn', post(`"${'a'.repeat(2 ** 20)}"`)],
    ['a megabyte, over REST', '/v1/auth/sign-in', post(`"${'a'.repeat(2 ** 20)}"`)],
    ['a query that is half a document', '/trpc/market.fragility?input=%7B', {}],
    ['a batch of it', '/trpc/market.fragility?batch=1&input=%7B', {}],
    ['a batch that is a list', '/trpc/market.fragility?batch=1&input=%5B1%5D', {}],
    ['an address of 20,000 letters', `/trpc/health?x=${'a'.repeat(20_000)}`, {}],
  ] as const)('error: %s', async (_, path, init) => {
    typed(await ask(path, init))
  })

  test('error: a batch of a thousand, however its commas are written', async () => {
    for (const comma of [',', '%2C', '%2c'])
      for (const count of [21, 1_000])
        expect(typed(await ask(`/trpc/${Array(count).fill('health').join(comma)}?batch=1`))).toBe('BATCH_TOO_LARGE')
    expect((await ask(`/trpc/${Array(20).fill('health').join('%2C')}?batch=1`)).status).toBe(200)
  })

  test('error: what is no HTTP, and a body that is longer than it said or never ends', async () => {
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"code":"BAD_HTTP"/s)
    const head = `POST /trpc/auth.signIn HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`
    const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`
    expect(await raw(head + chunk.repeat(2))).toMatch(/^HTTP\/1\.1 413 .*connection: close.*BODY_TOO_LARGE/is)
  })

  /** What is answered to bytes before the other side closes. */
  function raw(bytes: string): Promise<string> {
    const { hostname, port } = new URL(house.gateway.url)
    return new Promise((resolve, reject) => {
      let told = ''
      const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes))
      socket.setTimeout(8_000, () => socket.destroy(new Error(`silence after: ${told}`)))
      socket.on('data', (part) => {
        told += part
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(told))
    })
  }
})

describe('what goes in', () => {
  test('error: an issue with any field wrong', async () => {
    const fields = { ...key, notional: '1000000000000000000', idempotencyKey: 'hostile-0001' }
    const wrong: Record<string, unknown>[] = [
      ...['-1', '+1', '01', '1e9', '0x1', '1.5', '', ' 1', '١', '9'.repeat(79)].map((notional) => ({ notional })),
      ...[5, -1, null, true, [], {}, ['1']].map((notional) => ({ notional })),
      ...['0X'.concat(key.account.slice(2)), key.account.slice(0, -1), `${key.account}0`, '0x', '🦄', 7, null].map((account) => ({
        account,
      })),
      ...['eip155:0:0x', key.account, `eip155:99999999999999999:${key.account}`, `eip155:1:${key.account}`].map((venue) => ({ venue })),
      ...['__proto__', 'XX-PERP', 'eth-perp', 'ETH-PERP\u0000', ['ETH-PERP']].map((market) => ({ market })),
      ...['short', 'a'.repeat(129), 'a\u0000bcdefgh', 12_345_678].map((idempotencyKey) => ({ idempotencyKey })),
      { more: 1 },
      { notional: undefined },
    ]
    for (const change of wrong) {
      typed(await ask('/trpc/limits.issue', post({ ...fields, ...change }, own())))
      typed(await ask('/v1/limits/issue', post({ ...fields, ...change }, own())))
    }
    for (const body of [null, [], 5, '"x"']) typed(await ask('/trpc/limits.issue', post(body, own())))
    // The greatest there is can be asked for, and is refused with what could be had.
    const { result } = JSON.parse((await ask('/trpc/limits.issue', post({ ...fields, notional: '9'.repeat(78) }, own()))).text)
    expect(result.data).toMatchObject({ status: 'refused', refusal: { code: 'CREDIT_INSUFFICIENT' } })
  })

  test('error: accounts, times and shocks that are none; a field twice', async () => {
    for (const chainId of [-1, 1.5, 1e300, null, '0', true])
      for (const procedure of ['accounts.prepareLink', 'accounts.unlink', 'participants.prepareMerge'])
        expect(typed(await ask(`/trpc/${procedure}`, post({ account: key.account, chainId }, own())))).toBe('INVALID_INPUT')
    expect(typed(await ask('/trpc/accounts.unlink', post({ account: key.account, chainId: 0 }, own())))).toBe('LAST_ACCOUNT')
    for (const change of [{ shockPpm: 0 }, { shockPpm: 1e9 }, { shockPpm: -1e9 }, { depthPpm: 0 }, { depthPpm: 1e300 }, { others: 'x' }])
      typed(await ask(`/trpc/market.stress${query({ market: 'ETH-PERP', shockPpm: 1, depthPpm: 1_000_000, others: 'still', ...change })}`))
    const { account, venue } = key
    typed(await ask(`/v1/limits/quote?account=${account}&account=${account}&venue=${venue}&market=ETH-PERP`, { headers: own() }))
    typed(await ask(`/v1/limits/quote?account=${account}&venue=${venue}&market=ETH-PERP&more=1`, { headers: own() }))
    expect((await ask(`/v1/limits/quote?account=${account}&venue=${venue}&market=ETH-PERP`, { headers: own() })).status).toBe(200)
    for (const time of ['-1', '1.5', 'x', '1e300']) typed(await ask(`/v1/reputation/diff?from=${time}&to=1`, { headers: own() }))
    expect((await ask('/v1/reputation/diff?from=0&to=9007199254740991', { headers: own() })).status).toBe(200)
  })

  test('edge: nothing is coerced, whoever asked over REST before', async () => {
    const fields = { ...key, notional: '1000000000000000000', idempotencyKey: 'hostile-0002' }
    expect((await ask('/v1/limits/issue', post(fields, own()))).status).toBe(200)
    expect(typed(await ask('/trpc/limits.issue', post({ ...fields, notional: 5 }, own())))).toBe('INVALID_INPUT')
    typed(await ask('/v1/accounts/prepare-link', post({ account: key.account, chainId: null }, own())))
    expect(typed(await ask('/trpc/accounts.prepareLink', post({ account: key.account, chainId: null }, own())))).toBe('INVALID_INPUT')
  })

  test('error: links and merges that nobody signed, and proofs of nothing', async () => {
    const { participantId } = trader
    const id = (account: string, chain = '0') => `eip155:${chain}:${account.toLowerCase()}`
    const nonce = `0x${'ab'.repeat(32)}`
    const times = { issuedAt: 0, expiresAt: Number.MAX_SAFE_INTEGER }
    const signatures = ['0x', `0x${'00'.repeat(65)}`, `0x${'ff'.repeat(4_096)}`, `0x${'00'.repeat(32)}${'6492'.repeat(16)}`]
    for (const signature of signatures)
      for (const account of [
        id(key.account),
        id(key.account, '0000'),
        id(key.account, '9'.repeat(16)),
        id(Wallet.of('bob').address, '31337003'),
      ]) {
        const message = { participantId, account, primary: id(key.account), nonce, ...times }
        typed(await ask('/trpc/accounts.link', post({ message, accountSignature: signature, primarySignature: signature }, own())))
        const merge = { from: participantId, into: participantId, fromAccount: account, intoAccount: id(key.account), nonce, ...times }
        typed(await ask('/trpc/participants.merge', post({ message: merge, fromSignature: signature, intoSignature: signature }, own())))
      }
    for (const evidence of [{}, null, { kind: 'stored' }, { kind: 'semaphore', proof: {} }, { kind: '__proto__' }])
      expect(typed(await ask('/trpc/evidence.submit', post({ evidence }, own())))).toBe('INVALID_INPUT')
  })
})

describe('who asks', () => {
  test('error: a message signed in with before, by anybody, or that is none', async () => {
    const { message, signature } = signedIn
    expect(typed(await ask('/trpc/auth.signIn', post({ message, signature })))).toBe('SIWE_NONCE_UNKNOWN')
    expect(typed(await ask('/v1/auth/sign-in', post({ message, signature })))).toBe('SIWE_NONCE_UNKNOWN')
    for (const text of ['', '\u0000', '\ud800', `${message}\n`, message.replace('1\n', '2\n'), '🦄'.repeat(900)])
      expect(typed(await ask('/trpc/auth.signIn', post({ message: text, signature })))).toMatch(/^SIWE_/)
    for (const text of ['0x', `0x${'zz'.repeat(65)}`, `0x${'00'.repeat(66)}`])
      expect(typed(await ask('/trpc/auth.signIn', post({ message, signature: text })))).toBe('INVALID_INPUT')
  })

  test('error: sessions that are none, of every shape; one that was signed out', async () => {
    const headers: Record<string, string>[] = [
      ...['f'.repeat(64), '%00%ff', 'a'.repeat(10_000), 'ÿþ', token.slice(0, -1), `${token} `.repeat(2)].map((text) => ({
        authorization: `Bearer ${text}`,
      })),
      { authorization: `Basic ${token}` },
      { cookie: 'plimsoll_session=%E0%A4%A' },
      { cookie: `plimsoll_session=${token.slice(1)}` },
    ]
    for (const own of headers)
      for (const path of ['/trpc/collateral.view', '/v1/collateral'])
        expect(typed(await ask(path, { headers: own }))).toBe('SIGN_IN_REQUIRED')
    const other = await sign()
    const mine = { authorization: `Bearer ${other.token}` }
    expect((await ask('/v1/collateral', { headers: mine })).status).toBe(200)
    await ask('/v1/auth/sign-out', post({}, mine))
    expect(typed(await ask('/v1/collateral', { headers: mine }))).toBe('SIGN_IN_REQUIRED')
    expect(
      typed(await ask('/trpc/auth.signOut', post({}, { cookie: `plimsoll_session=${token}`, origin: 'https://elsewhere.example' }))),
    ).toBe('FOREIGN_ORIGIN')
  })

  test('error: another participant’s account, in any case', async () => {
    const [other] = [Wallet.of('bob').address]
    for (const account of [other, other.toLowerCase(), `0x${other.slice(2).toUpperCase()}`])
      expect(typed(await ask(`/trpc/limits.get${query({ ...key, account })}`, { headers: own() }))).toBe('ACCOUNT_NOT_LINKED')
  })
})

describe('the stream of events', () => {
  /** What a stream says until it ends or fails, at most a second long. */
  async function told(path: string, headers: Record<string, string> = own()): Promise<string> {
    const answer = await fetch(`${house.gateway.url}${path}`, { headers, signal: AbortSignal.timeout(10_000) })
    let text = ''
    const decoder = new TextDecoder()
    for await (const part of answer.body ?? []) {
      text += decoder.decode(part)
      if (text.includes('serialized-error') || text.includes('"code"')) break
    }
    return text
  }
  const failure = (text: string) => JSON.parse(text.slice(text.lastIndexOf('data: ') + 6)).data.plimsoll

  test('error: cursors that are none of ours', async () => {
    for (const lastEventId of ['x', '-1', '9'.repeat(200), '\u0000', "1' OR 1=1", '٣'])
      expect(failure(await told(`/trpc/limits.watch${query({ lastEventId })}`))).toMatchObject({
        code: expect.stringContaining('CURSOR'),
        hint: expect.stringMatching(/.{5}/),
      })
    expect(failure(await told(`/trpc/limits.watch${query({ lastEventId: '9'.repeat(201) })}`))).toMatchObject({ code: 'INVALID_INPUT' })
    expect(failure(await told(`/trpc/limits.watch${query({})}`, {}))).toMatchObject({ code: 'SIGN_IN_REQUIRED' })
  })

  test('bug: a stream told everything until its session would have ended, whoever had signed out', async () => {
    const other = await sign()
    const mine = { authorization: `Bearer ${other.token}` }
    const over = told(`/trpc/limits.watch${query({})}`, mine)
    await ask('/v1/auth/sign-out', post({}, mine))
    expect(failure(await over)).toMatchObject({ code: 'SIGN_IN_REQUIRED' })
  })

  test('error: more than sixteen of one participant, whether they are read or not; when one closes there is room again', async () => {
    const { hostname, port } = new URL(house.gateway.url)
    const head = `GET /trpc/limits.watch${query({})} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`
    const sockets = await Promise.all(
      Array.from(
        { length: 16 },
        () =>
          new Promise<ReturnType<typeof connect>>((resolve, reject) => {
            // Reads the head, and nothing after it.
            const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(head))
            socket.once('data', () => resolve(socket.pause()))
            socket.once('error', reject)
          }),
      ),
    )
    expect(failure(await told(`/trpc/limits.watch${query({})}`))).toMatchObject({ code: 'TOO_MANY_WATCHES' })
    const began = Date.now()
    expect((await ask('/trpc/health')).status).toBe(200)
    expect(Date.now() - began).toBeLessThan(5_000)
    for (const socket of sockets) socket.destroy()
    await Kit.until(
      async () => {
        const over = new AbortController()
        const answer = await fetch(`${house.gateway.url}/trpc/limits.watch${query({})}`, { headers: own(), signal: over.signal })
        const reader = answer.body?.getReader()
        const first = new TextDecoder().decode((await reader?.read())?.value)
        const next = await Promise.race([reader?.read(), new Promise<null>((resolve) => setTimeout(() => resolve(null), 700))])
        over.abort()
        return `${first}${next ? new TextDecoder().decode(next.value) : ''}`
      },
      (text) => !text.includes('TOO_MANY_WATCHES'),
      10,
    )
  })
})

test('after all of it the gateway answers, and says of nothing that it failed', async () => {
  const health = JSON.parse((await ask('/v1/health')).text)
  expect(health).toMatchObject({ status: 'ok', faults: [] })
  expect(
    (await trader.client.getLimit({ account: trader.account.address, venue: key.venue, market: key.market })).limit.notional,
  ).toBeGreaterThan(0n)
})
