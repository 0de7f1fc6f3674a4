import { Hash } from '@plimsoll/contracts'
import { Inputs } from '@plimsoll/margin'
import { describe, expect, test } from 'vitest'
import * as Collateral from './Collateral.ts'
import * as Gather from './Gather.ts'
import * as Limits from './Limits.ts'
import type { SignRequest } from './Services.ts'
import type { Uncounted } from './Snapshot.ts'
import * as World from './testing/World.ts'

const other = `0x${'0c'.repeat(20)}` as const
const key = { account: World.account, venue: World.venue.id, market: 'ETH-PERP' }
const untied: Uncounted = { holder: other, chainId: 31_337_001, code: 'HOLDER_UNTIED' }

/** Her 10,000 dollars, and the other account's 10,000 on two chains each. */
const given = (() => {
  const [lot] = World.snapshot().views.get(World.participantId)?.lots ?? []
  if (!lot) throw new Error('there is a lot')
  const his = { ...lot, lotId: Hash.ofText('his'), holder: other }
  const lots = [lot, his, { ...his, lotId: Hash.ofText('his elsewhere'), chainId: 31_337_002 }]
  const claims = new Map(lots.map(({ lotId, amount }) => [Gather.claimKey(lotId, World.venue), amount]))
  return World.snapshot({ views: new Map([[World.participantId, { lots, missing: [] }]]), claims })
})()

/** Signers that sign nothing which counts one of these; what each call was asked for. */
function world(refused: readonly Uncounted[], says = refused) {
  let known: readonly Uncounted[] = []
  const asked: Inputs.Inputs[] = []
  const services = World.services({}, given)
  const sign = async (request: SignRequest) => {
    const inputs = Inputs.parse(request.document)
    asked.push(inputs)
    if (inputs.view.lots.some((lot) => refused.some((one) => Gather.isOf(one, lot)))) {
      known = says
      throw new Error(`refused ${asked.length}`)
    }
    return services.signer.sign(request)
  }
  const signer = { ...services.signer, sign, uncounted: () => known }
  const issue = (dollars: number) =>
    Limits.issue({ ...services, signer }, World.session, {
      ...key,
      notional: World.usd(dollars),
      idempotencyKey: `for ${dollars}`,
      belowOpen: 'refuse',
    })
  return { issue, asked, services: { ...services, signer } }
}

const holders = (inputs: Inputs.Inputs | undefined) => inputs?.view.lots.map(({ holder, chainId }) => `${holder}@${chainId}`)
const named = (limit: { readonly bounds: readonly { readonly code: string; readonly message: string }[] } | null | undefined) =>
  limit?.bounds.filter(({ code }) => code === 'HOLDER_UNCOUNTED').map(({ message }) => message)

describe('issue', () => {
  test('bug: one account that signers do not count refused the certificate of all the others', async () => {
    const { issue, asked } = world([untied])
    const answer = await issue(50_000)
    expect(answer.status).toBe('issued')
    expect(asked).toHaveLength(2)
    expect(asked.map((it) => holders(it)?.length)).toEqual([3, 2])
    expect(holders(asked[1])).toEqual([`${World.account}@31337001`, `${other}@31337002`])
    expect(asked[1]?.view.missing).toEqual([untied])
    expect(named(answer.limit)).toEqual([
      `Signers do not count what ${other} has locked on chain 31337001 (HOLDER_UNTIED) until the account is linked again.`,
    ])
    // Known by then, it is asked for once.
    expect((await issue(40_000)).status).toBe('issued')
    expect(asked).toHaveLength(3)
  })

  test('edge: who has nothing there is not named', async () => {
    const { issue, asked } = world([untied], [untied, { ...untied, chainId: 5 }])
    await issue(50_000)
    expect(asked[1]?.view.missing).toEqual([untied])
  })

  test('edge: what does not fit the rest is refused, and it is said why', async () => {
    const { issue, asked } = world([untied, { ...untied, chainId: 31_337_002 }])
    const answer = await issue(250_000)
    expect(asked).toHaveLength(1)
    expect(answer).toMatchObject({
      status: 'refused',
      refusal: { code: 'CREDIT_INSUFFICIENT', hint: expect.stringContaining('link again what signers do not count') },
    })
    expect(named(answer.limit)).toHaveLength(2)
  })

  test('edge: it is asked once more and not again, whatever signers say then', async () => {
    const elsewhere = { ...untied, chainId: 31_337_002 }
    const { issue, asked } = world([untied, elsewhere], [untied])
    await expect(issue(50_000)).rejects.toThrow('refused 2')
    expect(asked).toHaveLength(2)
  })

  test('edge: a failure that names nobody of those counted is a failure', async () => {
    for (const says of [[], [{ ...untied, chainId: 5 }], [{ ...untied, holder: World.stranger }]]) {
      const { issue, asked } = world([untied], says)
      await expect(issue(50_000)).rejects.toThrow('refused 1')
      expect(asked).toHaveLength(1)
    }
  })
})

describe('quote', () => {
  test('worked example: what signers do not count is in no limit, and named, though the snapshot is the same', async () => {
    const { issue, services } = world([untied])
    const before = (await Limits.quote(services, World.session, key)).limit
    expect(named(before)).toEqual([])
    await issue(50_000)
    const after = (await Limits.quote(services, World.session, key)).limit
    expect(named(after)).toHaveLength(1)
    expect(before.credit.total).toBe(World.usd(30_000).toString())
    expect(after.credit.total).toBe(World.usd(20_000).toString())
  })

  test('worked example: the lots are shown, with no credit, and why', async () => {
    const { issue, services } = world([untied])
    await issue(50_000)
    const { lots, credit } = Collateral.view(services, World.session)
    expect(credit).toBe(World.usd(20_000).toString())
    expect(lots.filter((lot) => lot.holder === other).map((lot) => [lot.chainId, lot.credit])).toEqual([
      [31_337_002, World.usd(10_000).toString()],
      [31_337_001, '0'],
    ])
    expect(lots.find((lot) => lot.credit === '0')?.why).toBe(
      `counts nothing: Signers do not count what ${other} has locked on chain 31337001 (HOLDER_UNTIED) until the account is linked again.`,
    )
  })
})
