/** What a view costs: requests to sources, by batch and by participant, and how many participants are viewed anew in a minute. */
import { CollateralView, Holdings, type Oracle, Quorum, VaultProof } from '@plimsoll/chain'
import { Anvil, Deployment, FaultyRpc } from '@plimsoll/localnet'

type Hex = `0x${string}`
type Way = {
  readonly name: string
  readonly evidence: 'quorum' | 'proof'
  readonly before: 'nothing' | 'blocks' | 'deposits'
  /** Whether wallets are looked at besides. */
  readonly watch: readonly CollateralView.Watch[]
}

const participants = Number(process.env['PLIMSOLL_PARTICIPANTS'] ?? 1_000)
const batch = 1_000
const rounds = 3
const ids = { harbour: 31_337_001, lagoon: 31_337_002, strait: 31_337_003 } as const
const accounts = Array.from({ length: participants }, (_, index): Hex => `0x${(index + 0x1000).toString(16).padStart(40, '0')}`)

const started = performance.now()
/** On stderr, for whoever waits. */
const say = (what: string) => process.stderr.write(`${((performance.now() - started) / 1_000).toFixed(0)} s: ${what}\n`)

await using harbour = await Anvil.start({ chainId: ids.harbour })
await using lagoon = await Anvil.start({ chainId: ids.lagoon })
await using strait = await Anvil.start({ chainId: ids.strait })
const manifest = await Deployment.deploy({ harbour, lagoon, strait })
const chains = [harbour, lagoon] as const
say('chains are up, contracts deployed')

/** Everybody gets something of every token: put where the vault keeps it, for that is what is measured. */
for (const [index, chain] of chains.entries()) {
  const vault = manifest.vaults[index]
  for (const { token } of vault?.tokens ?? [])
    for (let from = 0; from < accounts.length; from += 200)
      await Promise.all(
        accounts.slice(from, from + 200).map((holder, at) =>
          chain.testClient.setStorageAt({
            address: vault?.address ?? '0x',
            index: VaultProof.lockedSlot({ holder, token }),
            value: `0x${(1_000_000 + from + at).toString(16).padStart(64, '0')}`,
          }),
        ),
      )
  await chain.mine(9)
  say(`${participants} participants on chain ${chain.chainId}`)
}

const sources = await Promise.all(
  chains.map(async (chain) => [
    await FaultyRpc.start({ target: chain.url }),
    await FaultyRpc.start({ target: chain.url }),
    await FaultyRpc.start({ target: chain.url }),
  ]),
)
const price: Oracle.Assessment = { status: 'ok', price: 10n ** 18n, confidence: 0n, publishedAt: 0 }
const feed = { chainId: ids.strait, address: `0x${'fe'.repeat(20)}` as Hex, decimals: 8, heartbeatSeconds: 3_600, deviationPpm: 0 }
const haircuts = { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 }
const vaults = manifest.vaults.map(({ chainId, address, tokens }) => ({
  chainId,
  address,
  tokens: tokens.map(({ asset, token, decimals }) => ({ address: token, asset, decimals, feed, haircuts })),
}))
const prices = new Map([[CollateralView.feedKey(feed), price]])
const wallets = vaults.map(({ chainId, tokens }) => ({
  ...{ chainId, receipts: new Map(), assets: tokens },
  places: tokens.map(({ asset, address }) => Holdings.Erc20.of({ name: `wallet ${asset}`, token: address })),
}))

const readersOf = (evidence: Way['evidence']) =>
  chains.map(({ chainId }, index) =>
    Quorum.open({
      config: {
        chainId,
        name: `chain ${chainId}`,
        sources: (sources[index] ?? []).map(({ url }, at) => ({ id: `${at}`, operator: `${at}`, url })),
        k: 2,
        finality: { tag: 'finalized', maxAgeSeconds: 86_400 },
        timeoutMs: 30_000,
        evidence,
      },
    }),
  )

async function viewAll(readers: readonly Quorum.Reader[], watch: Way['watch']): Promise<number> {
  let lots = 0
  for (let from = 0; from < accounts.length; from += batch) {
    const view = await CollateralView.fetch({
      readers,
      vaults,
      accounts: accounts.slice(from, from + batch),
      asOf: Math.floor(Date.now() / 1000),
      prices,
      watch,
    })
    if (view.unread.length > 0) throw new Error(`Places are unread: ${view.unread[0]?.sentence}`)
    if (view.missing.length > 0) throw new Error(`A chain is missing: ${view.refusals.map(({ sentence }) => sentence).join(' ')}`)
    lots += view.lots.length
  }
  return lots
}

const ways: readonly Way[] = [
  { name: 'by quorum', evidence: 'quorum', before: 'blocks', watch: [] },
  { name: 'by quorum, wallets besides', evidence: 'quorum', before: 'blocks', watch: wallets },
  { name: 'by proof, nothing known yet', evidence: 'proof', before: 'nothing', watch: [] },
  { name: 'by proof, new blocks, the vaults as they were', evidence: 'proof', before: 'blocks', watch: [] },
  { name: 'by proof, a deposit in every vault before each round', evidence: 'proof', before: 'deposits', watch: [] },
]

process.stdout.write(
  `${participants} participants, ${chains.length} chains, 2 tokens each, 2 of 3 sources, ${batch} participants a batch; the fastest of ${rounds} rounds\n`,
)
for (const { name, evidence, before, watch } of ways) {
  let readers = readersOf(evidence)
  if (before !== 'nothing') await viewAll(readers, watch)
  let least = Number.POSITIVE_INFINITY
  let requests = 0
  let lots = 0
  for (let round = 0; round < rounds; round += 1) {
    if (before === 'nothing') readers = readersOf(evidence)
    for (const chain of chains) {
      if (before === 'deposits') await Deployment.lock({ chain, manifest, account: Deployment.owner, asset: 'USDC', amount: 1n })
      if (before !== 'nothing') await chain.mine(9)
    }
    for (const source of sources.flat()) source.forget()
    const from = performance.now()
    lots = await viewAll(readers, watch)
    const ms = performance.now() - from
    say(`${name}, round ${round + 1}: ${ms.toFixed(0)} ms`)
    if (ms >= least) continue
    least = ms
    requests = sources.flat().reduce((sum, source) => sum + source.requests(), 0)
  }
  const batches = Math.ceil(participants / batch)
  const minute = Math.floor((participants / least) * 60_000)
  process.stdout.write(
    `${name}: ${least.toFixed(0)} ms for ${lots} lots; ${minute} participants a minute; ${(requests / batches).toFixed(1)} requests a batch, ${(requests / participants).toFixed(4)} a participant\n`,
  )
  if (minute < 2_000) process.exitCode = 1
}
await Promise.all(sources.flat().map((source) => source.stop()))
