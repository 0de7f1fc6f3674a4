import { Caip10 } from '@plimsoll/reputation'
import { Database, Participants, Sessions } from '@plimsoll/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Ports from './ports.ts'

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
