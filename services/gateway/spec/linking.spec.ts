/** Whose an account is, asked at two gateways at once; and accounts that are contracts. */
import { contractWalletAbi } from '@plimsoll/contracts'
import { contractWalletBytecode } from '@plimsoll/contracts/bytecode'
import { type House, Postgres, Wallet } from '@plimsoll/localnet'
import { createMarginClient, http, MarginError } from '@plimsoll/sdk'
import pg from 'pg'
import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const server = await Postgres.start()
const available = server.status === 'running'
const rounds = process.env.PLIMSOLL_DEEP ? 100 : 12

if (!available && (process.env.PLIMSOLL_REQUIRE ?? '').includes('postgres'))
  test('PostgreSQL is required here', () => {
    throw new Error(server.status === 'missing' ? server.reason : 'it runs')
  })

describe.skipIf(!available)('PostgreSQL (needs DATABASE_URL or a server binary)', () => {
  let house: House.House
  let urls: readonly string[]
  let sql: pg.Pool
  const DATABASE_URL = server.status === 'running' ? server.url : ''

  beforeAll(async () => {
    const env = { DATABASE_URL, RATE_POINTS: '100000' }
    house = await Kit.house({ gateway: { env } })
    const second = await house.openGateway({ name: 'second', env })
    urls = [house.gateway.url, second.url]
    sql = new pg.Pool({ connectionString: DATABASE_URL, max: 2 })
  }, 180_000)
  afterAll(async () => {
    await sql?.end()
    await house?.stop()
    if (server.status === 'running') await server.stop()
  })

  const signedIn = async (name: string, url = urls[0] ?? '') => {
    const account = Wallet.of(name)
    const client = createMarginClient({ transport: http(url) })
    const { participantId } = await client.signIn({ account })
    return { account, client, participantId }
  }

  test(`${rounds} times two participants at two gateways want one wallet: one has it, each time`, async () => {
    const sides = [await signedIn('linker one', urls[0]), await signedIn('linker two', urls[1])] as const
    const wins = [0, 0]
    for (let round = 0; round < rounds; round += 1) {
      const wanted = Wallet.of(`wanted ${round}`)
      const outcomes = await Promise.allSettled(
        sides.map(({ account, client }) => client.linkAccount({ account: wanted, primary: account })),
      )
      const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))
      expect(winners, `round ${round}`).toHaveLength(1)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') {
          expect(outcome.reason).toBeInstanceOf(MarginError)
          expect(outcome.reason).toMatchObject({ code: 'ACCOUNT_ALREADY_LINKED' })
        }
      const { rows } = await sql.query<{ participant_id: Hex }>(
        'select participant_id from accounts where address = $1 and unlinked_at is null',
        [wanted.address.toLowerCase()],
      )
      expect(rows.map((row) => row.participant_id)).toEqual([sides[winners[0] === 0 ? 0 : 1].participantId])
      wins[winners[0] ?? 0] = (wins[winners[0] ?? 0] ?? 0) + 1
    }
    process.stdout.write(`linked at the first gateway ${wins[0]} times, at the second ${wins[1]}\n`)
  }, 600_000)

  test('a contract wallet joins on its chain, by its owner’s signature, and is nobody elsewhere', async () => {
    const { harbour } = house.world.chains
    const { account, client } = await signedIn('wallet owner')
    const stranger = Wallet.of('no owner')
    await harbour.fund([account.address])
    const hash = await harbour
      .wallet(account)
      .deployContract({ abi: contractWalletAbi, bytecode: contractWalletBytecode, args: [account.address] })
    const { contractAddress } = await harbour.publicClient.waitForTransactionReceipt({ hash })
    if (!contractAddress) throw new Error('it was deployed')
    await house.world.finalise()

    const wallet = { address: contractAddress, chainId: harbour.chainId, signMessage: account.signMessage }
    const by = (signer: typeof account) => ({ ...wallet, signTypedData: signer.signTypedData })
    await expect(client.linkAccount({ account: by(stranger), primary: account })).rejects.toMatchObject({ code: 'LINK_ACCOUNT_SIGNATURE' })
    const { accounts } = await client.linkAccount({ account: by(account), primary: account })
    expect(accounts).toContain(`eip155:${harbour.chainId}:${contractAddress.toLowerCase()}`)
    // Its venue is on another chain, where this address is nobody's.
    const key = { account: contractAddress, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
    await expect(client.getLimit(key)).rejects.toMatchObject({ code: 'ACCOUNT_NOT_LINKED' })
  })

  test('two people at two gateways become one, signed by both; what is open or bound keeps them apart', async () => {
    const [first, second] = [await signedIn('merging', urls[0]), await signedIn('merged', urls[1])]
    const third = Wallet.of('merged too')
    await second.client.linkAccount({ account: third, primary: second.account })
    const stranger = { ...second.account, signTypedData: first.account.signTypedData }
    await expect(first.client.mergeParticipants({ other: stranger, primary: first.account })).rejects.toMatchObject({
      code: 'MERGE_FROM_SIGNATURE',
    })
    await expect(first.client.mergeParticipants({ other: Wallet.of('nobody yet'), primary: first.account })).rejects.toMatchObject({
      code: 'MERGE_FROM_NOT_LINKED',
    })
    // Called by hand, and kept so: a gateway's next round would find nothing bound and clear it.
    await sql.query('create rule kept as on update to participants where old.called_at = 1 and new.called_at is null do instead nothing')
    await sql.query('update participants set called_at = 1, called_credit = 0 where id = $1', [second.participantId])
    await expect(first.client.mergeParticipants({ other: second.account, primary: first.account })).rejects.toMatchObject({
      code: 'MERGE_OVER_ENCUMBERED',
    })
    await sql.query('drop rule kept on participants')
    await sql.query('update participants set called_at = null, called_credit = null where id = $1', [second.participantId])

    const { participantId, accounts } = await first.client.mergeParticipants({ other: third, primary: first.account })
    expect(participantId).toBe(first.participantId)
    expect(accounts.map(({ account }) => account).sort()).toEqual(
      [first.account, second.account, third].map(({ address }) => `eip155:0:${address.toLowerCase()}`).sort(),
    )
    // The other gateway may remember the session it gave; it is good for nothing, and signing in again is signing in as one.
    const key = { account: second.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
    await expect(second.client.issueLimit({ ...key, notional: 1n })).rejects.toMatchObject({
      code: expect.stringMatching(/^(UNKNOWN_PARTICIPANT|SIGN_IN_REQUIRED)$/),
    })
    expect((await second.client.signIn({ account: second.account })).participantId).toBe(first.participantId)
    await expect(first.client.mergeParticipants({ other: third, primary: first.account })).rejects.toMatchObject({
      code: 'MERGE_SAME_PARTICIPANT',
    })
    const { accounts: left } = await first.client.unlinkAccount({ account: third.address })
    expect(left).toHaveLength(2)
    expect((await first.client.getAccounts()).accounts.map(({ account }) => account)).toEqual(left)
  })

  test(`${rounds} times two people merge each into the other at two gateways: one is left, each time`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const sides = [await signedIn(`one of ${round}`, urls[0]), await signedIn(`two of ${round}`, urls[1])] as const
      const outcomes = await Promise.allSettled(
        sides.map(({ client, account }, i) =>
          client.mergeParticipants({ other: (sides[i === 0 ? 1 : 0] ?? sides[0]).account, primary: account }),
        ),
      )
      expect(
        outcomes.filter(({ status }) => status === 'fulfilled'),
        `round ${round}`,
      ).toHaveLength(1)
      const { rows } = await sql.query<{ participant_id: Hex; accounts: string }>(
        'select participant_id, count(*) as accounts from accounts where unlinked_at is null and participant_id = any($1) group by 1',
        [sides.map(({ participantId }) => participantId)],
      )
      expect(rows.map(({ accounts }) => Number(accounts))).toEqual([2])
    }
  }, 600_000)
})
