import type { Services } from '@plimsoll/api'
import type { Quorum } from '@plimsoll/chain'
import { EndConsent } from '@plimsoll/contracts'
import { Caip10 } from '@plimsoll/reputation'
import { Database, Participants, Sessions } from '@plimsoll/store'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Ports from './ports.ts'
import type { State } from './state.ts'

type Key = ReturnType<typeof privateKeyToAccount>

const accounts = ['aa', 'bb'].map((end) => Caip10.eoa(`0x${end.padStart(40, '0')}`))
const nowMs = 1_800_000_000_000
const free = async () => {}
let database: Database.Database

beforeAll(async () => {
  database = await Database.open({ memory: true, clock: () => nowMs / 1000 })
})
afterAll(() => database.close())

describe('sessionOf', () => {
  test('bug: who was unlinked at another gateway acted on for a minute where it was remembered', async () => {
    const [kept, gone] = accounts
    if (kept === undefined || gone === undefined) throw new Error('there are two')
    const { participantId } = await Participants.ensure(database, { account: kept })
    await Participants.link(database, { participantId, account: gone })
    const signIn = (account: Caip10.Caip10) =>
      Sessions.create(database, { participantId, account: Caip10.parse(account).address, ttlSeconds: 600 })
    const [{ token: staying }, { token: leaving }] = [await signIn(kept), await signIn(gone)]
    const book = Ports.sessions(database, () => nowMs)
    let linked: readonly Caip10.Parts[] = accounts.map(Caip10.parse)
    const known = Ports.sessionOf(book, { accounts: () => linked })
    const sessionOf = (token: string) => known(token, free)
    for (const token of [staying, leaving]) expect(await sessionOf(token)).toMatchObject({ participantId })

    await Participants.unlink(database, { participantId, account: gone, coolDownSeconds: 60 })
    linked = [Caip10.parse(kept)]
    expect(await sessionOf(leaving)).toBeNull()
    expect(await sessionOf(staying)).toMatchObject({ participantId })
    // Nothing is read of it here as yet: the database says.
    linked = []
    expect(await sessionOf(staying)).toMatchObject({ participantId })
  })
})

describe('sessions', () => {
  test('bug: whoever had spent their allowance could go on asking the database for tokens that nobody was given', async () => {
    let [now, queries, charged] = [nowMs, 0, 0]
    const counted: Database.Database = {
      ...database,
      query: (text, params) => {
        queries += 1
        return database.query(text, params)
      },
    }
    const account = Caip10.eoa(`0x${'dd'.repeat(20)}`)
    const { participantId } = await Participants.ensure(database, { account })
    const { token } = await Sessions.create(database, { participantId, account: Caip10.parse(account).address, ttlSeconds: 600 })
    const book = Ports.sessions(counted, () => now)
    const spent = () => Promise.reject(new Error('spent'))
    const charge = async () => {
      charged += 1
    }
    for (const text of ['of nobody', 'of nobody', token]) await expect(book.of(text, spent)).rejects.toThrow('spent')
    expect(queries).toBe(0)
    expect([await book.of('of nobody', charge), await book.of('of nobody', charge), charged]).toEqual([null, null, 2])
    expect([await book.of(token, charge), charged]).toEqual([expect.objectContaining({ participantId }), 3])

    // Who was known is known for as long as the session lasts, and pays for no question of ours.
    const asked = queries
    expect(await book.of(token, spent)).toMatchObject({ participantId })
    expect(queries).toBe(asked)
    now += 60_000
    expect(await book.of(token, spent)).toMatchObject({ participantId })
    expect(queries).toBeGreaterThan(asked)
    await Sessions.end(database, token)
    now += 60_000
    expect(await book.of(token, spent)).toBeNull()
    await expect(book.of(token, spent)).rejects.toThrow('spent')
  })

  test('bug: a request under way while its session was signed out had it remembered, and good for another minute', async () => {
    const account = Caip10.eoa(`0x${'cc'.repeat(20)}`)
    const { participantId } = await Participants.ensure(database, { account })
    const { token } = await Sessions.create(database, { participantId, account: Caip10.parse(account).address, ttlSeconds: 600 })
    // The database has answered that one, and what it said is on its way.
    const late = Promise.withResolvers<void>()
    const slow: Database.Database = {
      ...database,
      query: async (text, params) => {
        const rows = await database.query(text, params)
        if (text.startsWith('select participant_id')) await late.promise
        return rows as never
      },
    }
    const book = Ports.sessions(slow, () => nowMs)
    const auth = Ports.auth({
      ...{ database, book, sessionOf: book.of },
      ...{ origin: 'http://127.0.0.1', chainIds: [], nowMs: () => nowMs },
    })
    const underWay = book.of(token, free)
    await auth.signOut(token)
    late.resolve()
    await underWay
    expect(await auth.session(token)).toBeNull()
  })
})

describe('identity', () => {
  const [staying, leaving, stranger] = Array.from({ length: 3 }, () => privateKeyToAccount(generatePrivateKey())) as [Key, Key, Key]
  const [one, other] = [Caip10.eoa(staying.address), Caip10.eoa(leaving.address)]
  const now = nowMs / 1000

  async function word(by: Key, change: Partial<Services.Ending['message']> = {}): Promise<Services.Ending> {
    const message = { account: other, other: null, issuedAt: now, ...change }
    const typed = EndConsent.typedData({ ...message, other: message.other ?? '', issuedAt: BigInt(message.issuedAt) })
    return { message, signature: await by.signTypedData(typed) }
  }

  test('worked example: what who leaves has signed is kept for signers; what nobody signed, or of somebody else, unlinks nobody', async () => {
    const { participantId } = await Participants.ensure(database, { account: one })
    await Participants.link(database, { participantId, account: other })
    const identity = Ports.identity({
      ...{ database, book: Ports.sessions(database, () => nowMs), nowMs: () => nowMs },
      state: { readers: new Map() } as unknown as State,
    })
    const session = { account: Caip10.parse(one).address, participantId, expiresAt: now + 60 }
    const unlink = (ending: Services.Ending | null) => identity.unlink(session, Caip10.parse(other), ending)
    const refusals: readonly (readonly [Services.Ending, string])[] = [
      [await word(stranger), 'UNLINK_ENDING_SIGNATURE'],
      [{ ...(await word(leaving)), signature: '0x' }, 'UNLINK_ENDING_SIGNATURE'],
      [await word(staying, { account: one }), 'UNLINK_ENDING_OF_ANOTHER'],
      [await word(staying, { account: one, other: Caip10.eoa(stranger.address) }), 'UNLINK_ENDING_OF_ANOTHER'],
      [await word(leaving, { issuedAt: now + 16 }), 'UNLINK_ENDING_TIME'],
      [await word(leaving, { issuedAt: now - 601 }), 'UNLINK_ENDING_TIME'],
    ]
    for (const [ending, code] of refusals) await expect(unlink(ending)).rejects.toMatchObject({ code })
    expect(await identity.accounts(participantId)).toHaveLength(2)

    const ties = async () => (await Participants.ties(database, [participantId])).get(participantId)
    const own = await word(leaving, { issuedAt: now - 600 })
    await unlink(own)
    expect(await identity.accounts(participantId)).toHaveLength(1)
    expect(await ties()).toEqual([{ one: other, other: 'end:', signed: JSON.stringify(own) }])
    await Participants.link(database, { participantId, account: other })
    // Or whom it was linked with signs, of this one alone.
    const by = await word(staying, { account: one, other, issuedAt: now + 15 })
    await unlink(by)
    expect(await ties()).toContainEqual({ one, other: `end:${other}`, signed: JSON.stringify(by) })
    await Participants.link(database, { participantId, account: other })
    await unlink(null)
    expect(await ties()).toHaveLength(2)
  })

  test('bug: a word that left standing what who leaves had signed was kept, and said to part them', async () => {
    const [first, second, third] = Array.from({ length: 3 }, () => privateKeyToAccount(generatePrivateKey())) as [Key, Key, Key]
    const [primary, friend, gone] = [first, second, third].map(({ address }) => Caip10.eoa(address)) as [
      Caip10.Caip10,
      Caip10.Caip10,
      Caip10.Caip10,
    ]
    const { participantId } = await Participants.ensure(database, { account: primary })
    const tied = (account: Caip10.Caip10, to: Caip10.Caip10) => {
      const message = { participantId, account, primary: to, nonce: `0x${'07'.repeat(32)}`, issuedAt: now - 300, expiresAt: now }
      const signed = JSON.stringify({ kind: 'link', message, accountSignature: '0x', primarySignature: '0x' })
      return Participants.link(database, { participantId, account, tie: { one: account, other: to, signed } })
    }
    await tied(friend, primary)
    await tied(gone, friend)
    const identity = Ports.identity({
      ...{ database, book: Ports.sessions(database, () => nowMs), nowMs: () => nowMs },
      state: { readers: new Map() } as unknown as State,
    })
    const session = { account: Caip10.parse(primary).address, participantId, expiresAt: now + 60 }
    const unlink = (ending: Services.Ending) => identity.unlink(session, Caip10.parse(gone), ending)
    const code = 'UNLINK_ENDING_LEAVES_TIES'
    // The primary has signed nothing with it; whose clock is slow speaks of a time before the link.
    await expect(unlink(await word(first, { account: primary, other: gone }))).rejects.toMatchObject({ code })
    await expect(unlink(await word(third, { account: gone, issuedAt: now - 301 }))).rejects.toMatchObject({ code })
    expect(await identity.accounts(participantId)).toHaveLength(3)
    await unlink(await word(second, { account: friend, other: gone, issuedAt: now - 300 }))
    expect(await identity.accounts(participantId)).toHaveLength(2)
    // What was over before need not be said again.
    await tied(gone, primary)
    await unlink(await word(first, { account: primary, other: gone }))
    expect(await identity.accounts(participantId)).toHaveLength(2)
  })

  /** Contract accounts on chain 1, none of which ever signs, and how often they were asked. */
  async function contracts() {
    let asked = 0
    const reader = {
      fetch: async ({ calls }: { readonly calls: readonly unknown[] }) => {
        asked += 1
        return { pinned: {}, results: calls.map(() => ({ success: true, data: '0x' })) }
      },
    } as unknown as Quorum.Reader
    const state = { readers: new Map([[1, reader]]) } as unknown as State
    const book = Ports.sessions(database, () => nowMs)
    return { identity: Ports.identity({ database, state, book, nowMs: () => nowMs }), asked: () => asked }
  }
  const member = (byte: string) => `0x${byte.repeat(20)}` as const
  const contract = { address: member('c1'), chainId: 1 }
  const signedIn = async (byte: string) => {
    const { participantId } = await Participants.ensure(database, { account: Caip10.eoa(member(byte)) })
    return { account: member(byte), participantId, expiresAt: nowMs / 1000 + 600 }
  }
  const signature = `0x${'11'.repeat(65)}` as const

  test('bug: with one nonce, or none, contracts were asked again and again whether they had signed a link', async () => {
    const { identity, asked } = await contracts()
    const session = await signedIn('e1')
    const link = (message: Awaited<ReturnType<typeof identity.prepareLink>>) =>
      identity.link(session, { message, accountSignature: signature, primarySignature: signature })
    const codeOf = (code: string) => ({ name: 'Refusal.RefusedError', code: `LINK_${code}` })
    await expect(link({ ...(await identity.prepareLink(session, contract)), nonce: `0x${'00'.repeat(32)}` })).rejects.toMatchObject(
      codeOf('NONCE_NOT_BURNED'),
    )
    // What is refused whoever signed asks nobody.
    const stranger = Caip10.eoa(member('e9'))
    await expect(link({ ...(await identity.prepareLink(session, contract)), primary: stranger })).rejects.toMatchObject(
      codeOf('PRIMARY_NOT_LINKED'),
    )
    expect(asked()).toBe(0)
    const message = await identity.prepareLink(session, contract)
    await expect(link(message)).rejects.toMatchObject(codeOf('ACCOUNT_SIGNATURE'))
    expect(asked()).toBe(1)
    for (const _ of [1, 2]) await expect(link(message)).rejects.toMatchObject(codeOf('NONCE_NOT_BURNED'))
    expect(asked()).toBe(1)
  })

  test('bug: a refusal said its code where a person looks for the reason, and to sign anew whatever it was', async () => {
    const { identity } = await contracts()
    const session = await signedIn('e4')
    const message = await identity.prepareLink(session, { ...contract, chainId: 0, address: session.account })
    const refused = identity.link(session, { message, accountSignature: signature, primarySignature: signature })
    await expect(refused).rejects.toMatchObject({
      ...{ code: 'LINK_SAME_ACCOUNT', message: 'The link is refused: both are the same account.' },
      hint: 'Give the key of another one.',
    })
  })

  test('bug: nor are they for a merge', async () => {
    const { identity, asked } = await contracts()
    const [session, other] = [await signedIn('e2'), await signedIn('e3')]
    await Participants.link(database, {
      participantId: other.participantId,
      account: Caip10.format({ ...contract, address: member('c2') }),
    })
    const merge = (message: Awaited<ReturnType<typeof identity.prepareMerge>>) =>
      identity.merge(session, { message, fromSignature: signature, intoSignature: signature })
    const codeOf = (code: string) => ({ name: 'Refusal.RefusedError', code: `MERGE_${code}` })
    const prepare = () => identity.prepareMerge(session, { ...contract, address: member('c2') })
    await expect(merge({ ...(await prepare()), nonce: `0x${'00'.repeat(32)}` })).rejects.toMatchObject(codeOf('NONCE_NOT_BURNED'))
    await expect(merge({ ...(await prepare()), expiresAt: nowMs / 1000 })).rejects.toMatchObject(codeOf('EXPIRED'))
    expect(asked()).toBe(0)
    const message = await prepare()
    await expect(merge(message)).rejects.toMatchObject(codeOf('FROM_SIGNATURE'))
    for (const _ of [1, 2]) await expect(merge(message)).rejects.toMatchObject(codeOf('NONCE_NOT_BURNED'))
    expect(asked()).toBe(1)
  })
})
