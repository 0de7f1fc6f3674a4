import { Tie } from '@plimsoll/chain'
import { Caip10 } from '@plimsoll/reputation'
import { Database, Evidence, Ledger, Participants } from '@plimsoll/store'
import * as Template from '@plimsoll/store/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Members from './members.ts'

type Hex = `0x${string}`

const noon = 1_800_000_000
const account = (n: number) => Caip10.eoa(`0x${n.toString(16).padStart(40, '0')}`)
const policy = { evidence: { scope: 'people', proofSeconds: 60, groups: [{ name: 'people', root: 1n }], trusts: [] } }
let database: Database.Database
let participantId: Hex
beforeAll(async () => {
  database = await Database.open({ memory: await Template.blob(), clock: () => noon })
  participantId = (await Participants.ensure(database, { account: account(1) })).participantId
})
afterAll(() => database.close())

const word = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
const tie = (n: number): Tie.Tie => ({
  ...{ kind: 'link', accountSignature: '0x', primarySignature: '0x' },
  message: { participantId, account: account(n), primary: account(1), nonce: word(n), issuedAt: n, expiresAt: n + 1 },
})
const link = (n: number) =>
  Participants.link(database, { participantId, account: account(n), tie: { ...Tie.consent(tie(n)), signed: JSON.stringify(tie(n)) } })
const listing = async (members: Members.Members) => {
  await members.list(await Ledger.snapshot(database))
  return members.all().get(participantId)
}

describe('list', () => {
  test('worked example: accounts of now, and what they signed, also when one has left', async () => {
    const members = Members.open({ config: policy, database })
    expect(members.all().size).toBe(0)
    await link(2)
    expect(await listing(members)).toMatchObject({ accounts: [1, 2].map((n) => Caip10.parse(account(n))), ties: [tie(2)] })
    await Participants.unlink(database, { participantId, account: account(2), coolDownSeconds: 0 })
    expect(await listing(members)).toMatchObject({
      accounts: [Caip10.parse(account(1))],
      carried: [{ account: Caip10.parse(account(2)), until: noon }],
      ties: [tie(2)],
    })
  })

  test('worked example: a proof counts while its kind is asked for, and as taken back where it is not', async () => {
    const piece = { scope: 's', nullifier: 'n', claim: 'uniqueHuman', kind: 'semaphore', source: {}, until: noon + 9 } as const
    await Evidence.record(database, { participantId, piece })
    const revoked = async (config: typeof policy | { readonly evidence: undefined }) =>
      (await listing(Members.open({ config, database })))?.evidence.map(({ revokedAt }) => revokedAt)
    expect(await revoked(policy)).toEqual([null])
    expect(await revoked({ evidence: undefined })).toEqual([noon])
  })

  test('edge: what is no newer in the ledger is not asked for again, until it is renewed; the member stays meanwhile', async () => {
    let asked = 0
    const counting: Database.Database = {
      ...database,
      query: (...args) => {
        if (args[0].includes('from ties')) asked += 1
        return database.query(...args)
      },
    }
    const members = Members.open({ config: policy, database: counting })
    const before = await listing(members)
    expect(await listing(members)).toBe(before)
    expect(asked).toBe(1)
    members.renew(participantId)
    expect(members.all().get(participantId)).toBe(before)
    expect(await listing(members)).toEqual(before)
    expect(asked).toBe(2)
  })

  test('edge: of more than 256 signed links the newest are given', async () => {
    await database.query(
      `insert into ties (participant_id, one, other, signed, at)
       select $1, 'old ' || n, 'old', $2, n from generate_series(1, 300) as n`,
      [participantId, JSON.stringify(tie(9))],
    )
    const members = Members.open({ config: policy, database })
    const ties = (await listing(members))?.ties ?? []
    expect(ties).toHaveLength(256)
    expect(ties[0]).toEqual(tie(2))
    expect(ties[1]).toEqual(tie(9))
  })

  test('worked example: what was signed to part stands beside what was signed to be one', async () => {
    const members = Members.open({ config: policy, database })
    await link(3)
    const ending = { message: { account: account(3), other: null, issuedAt: noon }, signature: '0x' }
    const parted = { one: account(3), other: Members.endOf, signed: JSON.stringify(ending) }
    await Participants.unlink(database, { participantId, account: account(3), coolDownSeconds: 0, tie: parted })
    const { ties, endings } = (await listing(members)) ?? {}
    expect(ties).toContainEqual(tie(3))
    expect(endings).toEqual([ending])
    expect(ties).not.toContainEqual(ending)
  })
})
