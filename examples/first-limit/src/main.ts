/** Runs the example on this machine, offline: three local chains, a gateway, one participant. */
import { Deployment, House, Wallet } from '@plimsoll/localnet'
import { SyntheticMarket } from '@plimsoll/volatility'
import { parseUnits } from 'viem'
import { firstLimit } from './firstLimit.ts'

const intervalSeconds = 300
const bars = 30 * 288
const now = Math.floor(Date.now() / 1000)
const market = SyntheticMarket.generate({
  seed: 3,
  startAt: (Math.floor(now / intervalSeconds) - bars) * intervalSeconds,
  intervalSeconds,
  bars,
  assets: [
    { symbol: 'ETH-PERP', price: 3_000, volatility: 0.9 },
    { symbol: 'BTC-PERP', price: 60_000, volatility: 0.65 },
  ],
})

await using house = await House.start({ home: null, market, intervalSeconds })
const { chains, manifest } = house.world
const account = Wallet.of('example')
await Deployment.lock({ chain: chains.harbour, manifest, account, asset: 'USDC', amount: parseUnits('5000', 6) })
await house.world.finalise()
await chains.strait.fund([account.address])

const venue = manifest.venues[0]
if (!venue) throw new Error('the house has venues')
const outcome = await firstLimit({
  gateway: house.gateway.url,
  account,
  venue: `eip155:${venue.chainId}:${venue.address}`,
  market: 'ETH-PERP',
  publicClient: chains.strait.publicClient,
  wallet: chains.strait.wallet(account),
})
process.stdout.write(`${JSON.stringify({ maxNotional: outcome.maxNotional.toString(), transaction: outcome.transaction })}\n`)
