/** The story a demo tells, told by doing it: limits, a certificate, what is refused, a fall, a liquidation. */
import { type Certificate, limitBookAbi, perpVenueAbi } from '@plimsoll/contracts'
import { Deployment, type House, Wallet } from '@plimsoll/localnet'
import { createMarginClient, http, type MarginClient, type Quote, type SignedLimit } from '@plimsoll/sdk'
import { BaseError, ContractFunctionRevertedError, type Hex, type PrivateKeyAccount, parseUnits } from 'viem'
import * as print from '../print.ts'
import type { Progress } from './Progress.ts'

export type Report = {
  readonly participants: readonly {
    readonly name: string
    readonly participantId: Hex
    readonly accounts: readonly string[]
    readonly credit: readonly { readonly chainId: number; readonly credit: bigint }[]
    readonly limits: readonly ({ readonly market: string } & Quote)[]
  }[]
  readonly certificate: SignedLimit
  /** What anybody needs to replay the certificate. */
  readonly replay: { readonly document: string; readonly signers: readonly string[]; readonly threshold: number }
  readonly verified: { readonly status: string; readonly checks: readonly { readonly name: string; readonly holds: boolean }[] }
  readonly opened: { readonly market: string; readonly notional: bigint; readonly maxNotional: bigint }
  readonly refused: readonly { readonly what: string; readonly code: string; readonly message: string }[]
  readonly liquidation: {
    readonly account: string
    readonly fall: string
    readonly equity: bigint
    readonly maintenance: bigint
    readonly loss: bigint
    readonly badDebt: bigint
    readonly liquidatorFee: bigint
  }
  readonly gateway: string
}

type Person = {
  readonly name: string
  readonly wallets: readonly PrivateKeyAccount[]
  readonly lots: readonly {
    readonly wallet: number
    readonly chain: 'harbour' | 'lagoon'
    readonly asset: string
    readonly amount: string
    readonly decimals: number
  }[]
}

const people: readonly Person[] = [
  {
    name: 'Ada',
    wallets: [Wallet.of('ada'), Wallet.of('ada two')],
    lots: [
      { wallet: 0, chain: 'harbour', asset: 'USDC', amount: '20000', decimals: 6 },
      { wallet: 1, chain: 'lagoon', asset: 'WETH', amount: '4', decimals: 18 },
    ],
  },
  {
    name: 'Ben',
    wallets: [Wallet.of('ben')],
    lots: [
      { wallet: 0, chain: 'harbour', asset: 'USDC', amount: '6000', decimals: 6 },
      { wallet: 0, chain: 'lagoon', asset: 'USDC', amount: '3000', decimals: 6 },
    ],
  },
  { name: 'Cleo', wallets: [Wallet.of('cleo')], lots: [{ wallet: 0, chain: 'lagoon', asset: 'WETH', amount: '1.5', decimals: 18 }] },
]

/** Tells the story once. */
export async function tell(house: House.House, progress: Progress): Promise<Report> {
  const { world, gateway } = house
  const { strait } = world.chains
  const venue = venueOf(house, 'north')
  const other = venueOf(house, 'south')

  await progress.step('collateral of three participants locked on two chains, and final', async () => {
    for (const { wallets, lots } of people) {
      for (const { wallet, chain, asset, amount, decimals } of lots) {
        const account = wallets[wallet]
        if (account)
          await Deployment.lock({
            chain: world.chains[chain],
            manifest: world.manifest,
            account,
            asset,
            amount: parseUnits(amount, decimals),
          })
      }
    }
    await world.finalise()
  })

  const clients = new Map<string, MarginClient>()
  const participants = await progress.step('everybody signs in; Ada links her second wallet', async () => {
    const out: { name: string; participantId: Hex; accounts: string[] }[] = []
    for (const { name, wallets } of people) {
      const [first, second] = wallets
      if (!first) continue
      const client = createMarginClient({ transport: http(gateway.url) })
      const { participantId } = await client.signIn({ account: first })
      const accounts = second ? (await client.linkAccount({ account: second, primary: first })).accounts : [first.address.toLowerCase()]
      clients.set(name, client)
      out.push({ name, participantId, accounts: [...accounts] })
    }
    return out
  })
  const clientOf = (name: string) => {
    const client = clients.get(name)
    if (!client) throw new Error(`${name} has not signed in.`)
    return client
  }
  const addressOf = (name: string) => walletOf(name).address

  const quoted = await progress.step('personal limits, with their reasons', async () =>
    Promise.all(
      participants.map(async (participant) => {
        const client = clientOf(participant.name)
        const limits = []
        for (const { symbol } of world.manifest.markets) {
          const quote = await settled(() => client.getLimit({ account: addressOf(participant.name), venue: venue.id, market: symbol }))
          limits.push({ market: symbol, ...quote })
        }
        return { ...participant, credit: limits[0]?.limit.credit.perChain ?? [], limits }
      }),
    ),
  )
  const nameOf = print.chains(world.manifest.chains)
  for (const { name, limits } of quoted)
    for (const { market, limit } of limits) progress.say(`\n${name}, ${market}\n${print.limit(limit, nameOf)}`)
  progress.say('')

  const ada = walletOf('Ada')
  const eth = quoted.find(({ name }) => name === 'Ada')?.limits.find(({ market }) => market === 'ETH-PERP')
  if (!eth) throw new Error('Ada has a quote.')
  // Nine tenths of the limit, in whole dollars: another use of the same credit must then fail.
  const asked = ((eth.limit.notional * 9n) / 10n / 10n ** 18n) * 10n ** 18n
  const key = { account: ada.address, venue: venue.id, market: 'ETH-PERP' }
  const { certificate, verified, replay } = await progress.step(
    `Ada's certificate for ${print.usd(asked)}: issued, verified bit for bit, posted`,
    async () => {
      const issued = await clientOf('Ada').issueLimit({ ...key, notional: asked, idempotencyKey: 'demo-ada-first' })
      if (issued.status === 'refused') throw new Error(`${issued.code}: ${issued.message}`)
      const verdict = await clientOf('Ada').verifyLimit(issued.signed, { client: strait.publicClient })
      if (verdict.status !== 'valid')
        throw new Error(
          `The certificate does not verify: ${verdict.checks
            .filter((check) => !check.holds)
            .map((check) => `${check.name}: ${check.detail}`)
            .join('; ')}`,
        )
      await post(house, issued.signed)
      return {
        certificate: issued.signed,
        replay: await clientOf('Ada').getInputs(issued.signed),
        verified: { status: verdict.status, checks: verdict.checks },
      }
    },
  )

  const refused: Report['refused'][number][] = []
  const expectRefusal = async (what: string, attempt: () => Promise<unknown>) => {
    const reason = await refusalOf(attempt)
    refused.push({ what, ...reason })
    progress.say(`  refused: ${what} — ${reason.code}`)
  }
  const opened = await progress.step('Ada opens a short within her limit; what does not fit is refused', async () => {
    for (const name of ['Ada', 'Ben'])
      await Deployment.deposit({
        chain: strait,
        manifest: world.manifest,
        account: walletOf(name),
        venue: 'north',
        amount: parseUnits('300', 6),
      })
    const notional = (asked * 95n) / 100n
    const position = await trade(house, { venue: venue.address, account: ada, symbol: 'ETH-PERP', notional: -notional })
    await expectRefusal('a position above the limit', () =>
      trade(house, { venue: venue.address, account: ada, symbol: 'ETH-PERP', notional: -asked }),
    )
    await expectRefusal('a second use of the same credit at another venue', async () => {
      const second = await clientOf('Ada').issueLimit({ ...key, venue: other.id, notional: asked / 2n })
      if (second.status === 'refused') throw new RefusedByGateway(second.code, second.message)
    })
    await expectRefusal('the same certificate again', () => post(house, certificate))
    const forged: SignedLimit = {
      ...certificate,
      certificate: {
        ...certificate.certificate,
        maxNotional: certificate.certificate.maxNotional * 2n,
        sequence: certificate.certificate.sequence + 1n,
      },
    }
    await expectRefusal('a forged certificate', () => post(house, forged))
    return { market: 'ETH-PERP', notional: position, maxNotional: asked }
  })

  const liquidation = await progress.step('Ben goes long to his limit; the market falls; he is liquidated', () =>
    fall(house, { venue, client: clientOf('Ben') }),
  )
  progress.say(
    `  Ben's equity ${print.usd(liquidation.equity)} fell below the maintenance margin of ${print.usd(liquidation.maintenance)} (${liquidation.fall}); loss ${print.usd(liquidation.loss)}, the liquidator got ${print.usd(liquidation.liquidatorFee)}, not covered ${print.usd(liquidation.badDebt)}`,
  )
  return { participants: quoted, certificate, replay, verified, opened, refused, liquidation, gateway: gateway.url }
}

/** Ben carries what his limit allows, the price falls, and anybody may liquidate him, but not before. */
async function fall(house: House.House, args: { readonly venue: VenueId; readonly client: MarginClient }): Promise<Report['liquidation']> {
  const { world, prices } = house
  const { strait } = world.chains
  const { venue, client } = args
  const ben = walletOf('Ben')
  const key = { account: ben.address, venue: venue.id, market: 'ETH-PERP' }
  await world.finalise()
  // A quote is of a view that may be older than what Ada has just taken of the same room: whoever is refused asks anew.
  const { notional, signed } = await settled(async () => {
    const { limit } = await client.getLimit(key)
    const notional = ((limit.notional * 95n) / 100n / 10n ** 18n) * 10n ** 18n
    const issued = await client.issueLimit({ ...key, notional, idempotencyKey: 'demo-ben-first' })
    if (issued.status === 'refused') throw new Error(`${issued.code}: ${issued.message}`)
    return { notional, signed: issued.signed }
  })
  await post(house, signed)
  await trade(house, { venue: venue.address, account: ben, symbol: 'ETH-PERP', notional: (notional * 98n) / 100n })

  const keeper = Wallet.of('keeper')
  await strait.fund([keeper.address])
  const liquidate = () =>
    Deployment.write(strait, keeper, {
      address: venue.address,
      abi: perpVenueAbi,
      functionName: 'liquidate',
      args: [ben.address, marketOf(house, 'ETH-PERP')],
    })
  const early = await refusalOf(liquidate)
  if (early.code !== 'Healthy') throw new Error(`A healthy account was not protected: ${early.code}.`)

  const before = Number(prices.get('ETH-PERP'))
  for (const percent of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20]) {
    await world.price('ETH-PERP', (before * (1 - percent / 100)).toFixed(2))
    const account = await strait.publicClient.readContract({
      address: venue.address,
      abi: perpVenueAbi,
      functionName: 'accountOf',
      args: [ben.address],
    })
    if (account.equity >= account.mm) continue
    const receipt = await liquidate()
    const [event] = await strait.publicClient.getContractEvents({
      address: venue.address,
      abi: perpVenueAbi,
      eventName: 'Liquidated',
      fromBlock: receipt.blockNumber,
      toBlock: receipt.blockNumber,
    })
    if (!event) throw new Error('A liquidation leaves an event.')
    const { loss = 0n, badDebt = 0n, fee = 0n } = event.args
    return {
      account: ben.address,
      fall: `after a fall of ${percent} %`,
      equity: account.equity,
      maintenance: account.mm,
      loss,
      badDebt,
      liquidatorFee: fee,
    }
  }
  throw new Error('A fall of 20 % did not bring the account below its maintenance margin.')
}

type VenueId = { readonly id: string; readonly address: Hex }

function venueOf(house: House.House, name: string): VenueId {
  const venue = house.world.manifest.venues.find((it) => it.name === name)
  if (!venue) throw new Error(`There is no venue ${name}.`)
  return { id: `eip155:${venue.chainId}:${venue.address}`, address: venue.address }
}

function marketOf(house: House.House, symbol: string): Hex {
  const market = house.world.manifest.markets.find((it) => it.symbol === symbol)
  if (!market) throw new Error(`There is no market ${symbol}.`)
  return market.id
}

function walletOf(name: string): PrivateKeyAccount {
  const wallet = people.find((it) => it.name === name)?.wallets[0]
  if (!wallet) throw new Error(`There is nobody called ${name}.`)
  return wallet
}

/** Posts a certificate; anybody may. */
async function post(house: House.House, signed: SignedLimit): Promise<void> {
  const { strait } = house.world.chains
  const poster = Wallet.of('poster')
  if ((await strait.publicClient.getBalance({ address: poster.address })) === 0n) await strait.fund([poster.address])
  const certificate: Certificate.Certificate = signed.certificate
  await Deployment.write(strait, poster, {
    address: signed.limitBook,
    abi: limitBookAbi,
    functionName: 'accept',
    args: [certificate, signed.signatures],
  })
}

/** Opens a position of `notional` USD at the price of the feed, negative for a short. @returns its notional. */
async function trade(
  house: House.House,
  args: { readonly venue: Hex; readonly account: PrivateKeyAccount; readonly symbol: string; readonly notional: bigint },
): Promise<bigint> {
  const { strait } = house.world.chains
  const market = marketOf(house, args.symbol)
  const { price } = await strait.publicClient.readContract({
    address: args.venue,
    abi: perpVenueAbi,
    functionName: 'marketOf',
    args: [market],
  })
  const size = (args.notional * 10n ** 18n) / price
  const worst = size > 0n ? price * 2n : 0n
  await Deployment.write(strait, args.account, {
    address: args.venue,
    abi: perpVenueAbi,
    functionName: 'open',
    args: [market, size, worst],
  })
  return ((size < 0n ? -size : size) * price) / 10n ** 18n
}

/** Why an attempt was refused: the contract's own error, or the gateway's code. Succeeding is the failure here. */
async function refusalOf(attempt: () => Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await attempt()
  } catch (error) {
    if (error instanceof RefusedByGateway) return { code: error.code, message: error.message }
    const reverted = error instanceof BaseError ? error.walk((it) => it instanceof ContractFunctionRevertedError) : null
    if (reverted instanceof ContractFunctionRevertedError)
      return { code: reverted.data?.errorName ?? 'Reverted', message: reverted.shortMessage }
    throw error
  }
  throw new Error('What had to be refused was accepted.')
}

/** Asks until the gateway has read what was just done: a view is a second old. */
async function settled<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask()
    } catch (error) {
      if (attempt === 15) throw error
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
  }
}

class RefusedByGateway extends Error {
  override readonly name = 'Scenario.RefusedByGateway'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
