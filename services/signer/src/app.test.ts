import { Client, Wire } from '@plimsoll/api'
import { Caip10 } from '@plimsoll/reputation'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { createApp } from './app.ts'
import type { Signer } from './review.ts'
import type { Watch } from './watch.ts'

const address = (byte: string) => `0x${byte.repeat(20)}` as const
const word = (byte: string) => `0x${byte.repeat(32)}` as const
const nameOf = (network: string) => network
const shown = {
  status: 'degraded',
  chains: [],
  parted: { lasting: 1, brought: 2, carried: 3 },
  faults: ['memory: MEMORY_NONE: it is kept in no file'],
} as const
const watch: Watch = { round: async () => {}, shown: () => shown }
/** What it has beside the signer. */
const beside = () => ({ nameOf, watch, proxies: Client.proxies('10.0.0.0/8'), registry: new Registry(), log: pino({ level: 'silent' }) })
const app = createApp({ signer: { key: { address: address('0a') } } as Signer, ...beside() })

/** What a question with one tie is answered, of a certificate that nobody can read: 400 where not even the question can be. */
const asked = async (signature: string, change: object = {}) => {
  const message = {
    ...{ participantId: word('01'), account: Caip10.eoa(address('0a')), primary: Caip10.eoa(address('0b')), nonce: word('02') },
    ...{ issuedAt: 1, expiresAt: 2, ...change },
  }
  const tie = { kind: 'link', message, accountSignature: signature, primarySignature: '0x' }
  const body = JSON.stringify({ chainId: 1, limitBook: address('0c'), certificate: {}, document: '', ties: [tie] })
  const { status } = await app.request('/sign', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return status
}

describe('sign', () => {
  test('bug: the longest signature that an account is linked with was one that signers could not read, and with it its every question', async () => {
    const longest = `0x${'ab'.repeat(4_096)}`
    expect(Wire.anySignature.safeParse(longest).success).toBe(true)
    expect(await asked(longest)).toBe(200)
    expect(await asked(`${longest}ab`)).toBe(400)
  })

  test('edge: an id that is none is judged where it is read; what is no question at all is not', async () => {
    expect(await asked('0x', { account: 'nobody' })).toBe(200)
    expect(await asked('0x', { account: 'n'.repeat(81) })).toBe(400)
    expect(await asked('no signature')).toBe(400)
    expect(await asked('0x', { more: 1 })).toBe(400)
  })
})

describe('status', () => {
  test('worked example: what it lacks, and how many have parted; the same in figures', async () => {
    expect(await (await app.request('/status')).json()).toEqual({ address: address('0a'), ...shown })
    await asked('0x')
    const text = await (await app.request('/metrics')).text()
    expect(text).toContain('plimsoll_signer_faults 1\n')
    expect(text).toMatch(/plimsoll_signer_answers_total\{path="\/sign",status="refused",code="UNREADABLE"\} [1-9]/)
  })
})

describe('end', () => {
  /** A word of a contract account on a chain that does not answer until it is let go. */
  const stalled = () => {
    const silence = Promise.withResolvers<never>()
    const readers = new Map([[1, { fetch: () => silence.promise }]])
    const memory = { roomFor: () => ({ status: 'free' }) }
    const signer = { readers, memory, nowMs: () => 10_000 } as unknown as Signer
    const end = (app: ReturnType<typeof createApp>, remoteAddress = '203.0.113.9', forwarded = '', chainId = 1) => {
      const message = { account: Caip10.format({ chainId, address: address('0d') }), other: null, issuedAt: 1 }
      const body = JSON.stringify({ message, signature: '0x' })
      const bindings = { incoming: { socket: { remoteAddress } } }
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': forwarded }
      return app.request('/end', { method: 'POST', headers, body }, bindings)
    }
    return { app: createApp({ signer, ...beside() }), end, letGo: () => silence.reject(new Error('gone')) }
  }

  test('bug: words of strangers that take long to check took every place, and the gateway was told BUSY for each certificate', async () => {
    const { app, end, letGo } = stalled()
    const words = Array.from({ length: 40 }, (_, i) => end(app, `203.0.${i}.9`))
    await new Promise((resolve) => setTimeout(resolve, 50))
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ chainId: 1, limitBook: address('0c'), certificate: {}, document: '', ties: [] })
    const { status } = await app.request('/sign', { method: 'POST', headers, body })
    letGo()
    const statuses = (await Promise.all(words)).map((answer) => answer.status)
    expect(status).toBe(200)
    expect(statuses.filter((it) => it === 503)).toHaveLength(32)
  })

  test('bug: one host that brought words which take long to check kept everybody else from bringing any', async () => {
    const { app, end, letGo } = stalled()
    const words = Array.from({ length: 40 }, (_, i) => end(app, `203.0.113.${i}`))
    const another = end(app, '2001:db8::1')
    await new Promise((resolve) => setTimeout(resolve, 50))
    letGo()
    const statuses = (await Promise.all(words)).map((answer) => answer.status)
    expect(statuses.filter((it) => it === 503)).toHaveLength(38)
    expect((await another).status).toBe(200)
  })

  test('bug: four networks that brought words of contract accounts which take long to check kept every key from bringing its own', async () => {
    const { app, end, letGo } = stalled()
    const words = Array.from({ length: 8 }, (_, i) => end(app, `203.0.${i % 4}.9`))
    const [ofContract, ofKey] = [end(app, '198.51.100.1'), end(app, '198.51.100.1', '', 0)]
    await new Promise((resolve) => setTimeout(resolve, 50))
    letGo()
    expect((await Promise.all(words)).map((answer) => answer.status)).toEqual(Array(8).fill(200))
    expect([(await ofContract).status, (await ofKey).status]).toEqual([503, 200])
  })

  test('bug: behind a proxy everybody had one share, and whoever sent most had it', async () => {
    const { app, end, letGo } = stalled()
    // What stands at the left anybody may write.
    const words = Array.from({ length: 40 }, (_, i) => end(app, '10.0.0.1', `198.51.${i}.1, 203.0.113.9`))
    const another = end(app, '10.0.0.1', '203.0.113.9, 198.51.100.1')
    const direct = end(app, '198.51.101.1', '198.51.100.1')
    await new Promise((resolve) => setTimeout(resolve, 50))
    letGo()
    const statuses = (await Promise.all(words)).map((answer) => answer.status)
    expect(statuses.filter((it) => it === 503)).toHaveLength(38)
    expect([(await another).status, (await direct).status]).toEqual([200, 200])
  })
})
