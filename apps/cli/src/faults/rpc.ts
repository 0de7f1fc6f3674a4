/** RPC: sources that die, lie, lag, or answer what is none. */
import { VaultProof } from '@plimsoll/chain'
import { collateralVaultAbi } from '@plimsoll/contracts'
import { Deployment, type FaultyRpc } from '@plimsoll/localnet'
import { outcome, type Row, verdict } from './Row.ts'
import * as Stand from './Stand.ts'

const { balance, chain, house, lie, pick, usdc, wei } = Stand
const down = { kind: 'down' } as const

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const from = performance.now()
  const value = await work()
  return { value, ms: performance.now() - from }
}

/** The shortest of nine. */
async function fastest(work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 9; round += 1) least = Math.min(least, (await timed(work)).ms)
  return least
}

/** One of three misbehaves; the other two answer, and the one is named. */
function oneOf(fault: FaultyRpc.Fault, why: string): Row['inject'] {
  return (seed) =>
    chain(async ({ sources, reader }) => {
      const { one, name } = pick(sources, seed)
      one.become(fault)
      const { value, dissent } = await balance(reader())
      return verdict({
        seen: `${value === wei ? 'the truth' : value}, dissent ${dissent.join(' ')}`,
        evidence: `source ${name} of a, b, c; 10000 ETH read`,
        holds: { 'the same value': value === wei, 'the source named': dissent.includes(`${name}:${why}`) },
      })
    })
}

export const rows: readonly Row[] = [
  {
    id: 'RPC-1',
    fault: '1 of 3 sources down',
    expected: 'the same view; dissent names it; below 1.2 times the latency',
    inject: (seed) =>
      chain(async ({ sources, reader }) => {
        const { one, name } = pick(sources, seed)
        const honest = reader()
        const before = await fastest(() => balance(honest))
        one.become(down)
        const faulty = reader()
        const first = await balance(faulty)
        const after = await fastest(() => balance(faulty))
        return verdict({
          seen: `the same view, dissent ${first.dissent.join(' ')}`,
          evidence: `fastest of 9: ${before.toFixed(1)} ms with all, ${after.toFixed(1)} ms without ${name} (${(after / before).toFixed(2)}×)`,
          holds: {
            'the same value': first.value === wei,
            named: first.dissent.includes(`${name}:RPC_UNREACHABLE`),
            'below 1.2×': after < 1.2 * before,
          },
        })
      }),
  },
  {
    id: 'RPC-3',
    fault: '1 of 3 takes requests and never answers',
    expected: 'an answer within its timeout of 800 ms and a little; then its breaker is open and reads take below 100 ms',
    inject: (seed) =>
      chain(async ({ sources, reader }) => {
        const { one, name } = pick(sources, seed)
        one.become({ kind: 'hang' })
        const open = reader({ timeoutMs: 800 })
        const first = await timed(() => balance(open))
        const next = await fastest(() => balance(open))
        const { dissent } = await balance(open)
        return verdict({
          seen: `first answer after ${first.ms.toFixed(0)} ms, then ${next.toFixed(0)} ms; ${dissent.join(' ')}`,
          evidence: `source ${name}; the value was ${first.value.value === wei ? 'the truth' : first.value.value}`,
          holds: {
            'the truth': first.value.value === wei,
            'within 2.5 s': first.ms < 2_500,
            'below 100 ms after': next < 100,
            suspended: dissent.includes(`${name}:SOURCE_SUSPENDED`),
          },
        })
      }),
  },
  {
    id: 'RPC-6',
    fault: '1 of 3 lags 30 blocks',
    expected: 'left out as SOURCE_LAGGING, no reorg',
    inject: oneOf({ kind: 'lag', blocks: 30 }, 'SOURCE_LAGGING'),
  },
  {
    id: 'RPC-7',
    fault: 'every head is frozen',
    expected: 'RPC_STALE_HEAD after the greatest age',
    inject: () =>
      chain(async ({ reader }) => {
        let shift = 0
        const open = reader({ finality: { tag: 'finalized', maxAgeSeconds: 600 } }, { nowMs: () => Date.now() + shift })
        const before = await outcome(open.pin())
        shift = 601_000
        const after = await outcome(open.pin())
        return verdict({
          seen: `${before}, 601 s later ${after}`,
          evidence: 'no block was mined; the clock of the reader was moved',
          holds: { before: before === 'answered', after: after === 'RPC_STALE_HEAD' },
        })
      }),
  },
  {
    id: 'RPC-8',
    fault: 'another chain id in the middle of a session',
    expected: 'the source is out until a reset; RPC_WRONG_CHAIN once k cannot be met for it',
    inject: (seed) =>
      chain(async ({ sources, reader }) => {
        const { one, name, others } = pick(sources, seed)
        const open = reader()
        await balance(open)
        one.become({ kind: 'chain', chainId: 1 })
        const first = (await balance(open)).dissent
        one.become({ kind: 'none' })
        const still = (await balance(open)).dissent
        others[0]?.become({ kind: 'chain', chainId: 1 })
        const lost = await outcome(open.pin())
        for (const source of sources) source.become({ kind: 'none' })
        open.reset({ accepted: open.accepted() })
        const back = (await balance(open)).dissent
        const wrongChain = `${name}:RPC_WRONG_CHAIN`
        return verdict({
          seen: `${first.join(' ')}; honest again: still out; a second one: ${lost}; after a reset: ${back.length === 0 ? 'all agree' : back.join(' ')}`,
          evidence: `source ${name} said it was chain 1`,
          holds: {
            named: first.includes(wrongChain),
            'stays out': still.includes(wrongChain),
            lost: lost === 'RPC_WRONG_CHAIN',
            back: back.length === 0,
          },
        })
      }),
  },
  {
    id: 'RPC-9',
    fault: 'a web page, half an answer, another id, 200 MB',
    expected: 'dissent each time, no more than 4 MiB read, nothing crashes',
    inject: (seed) =>
      chain(async ({ sources, reader }) => {
        const { one, name } = pick(sources, seed)
        const kinds: readonly (readonly [FaultyRpc.Fault, string])[] = [
          [{ kind: 'html' }, 'RPC_MALFORMED'],
          [{ kind: 'truncated' }, 'RPC_MALFORMED'],
          [{ kind: 'stray' }, 'RPC_MALFORMED'],
          [{ kind: 'huge', bytes: 200 * 1024 * 1024 }, 'RPC_BODY_TOO_LARGE'],
        ]
        const seen: string[] = []
        const memory = process.memoryUsage().rss
        let right = true
        for (const [fault, why] of kinds) {
          one.become(fault)
          const { value, dissent } = await balance(reader())
          seen.push(`${fault.kind}:${dissent.map((text) => text.split(':')[1]).join()}`)
          right &&= value === wei && dissent.includes(`${name}:${why}`)
        }
        const grown = (process.memoryUsage().rss - memory) / 2 ** 20
        return verdict({
          seen: seen.join(' '),
          evidence: `source ${name}; memory grew by ${grown.toFixed(0)} MiB`,
          holds: { 'each named, each truth': right, 'below 150 MiB more': grown < 150 },
        })
      }),
  },
  {
    id: 'RPC-10',
    fault: 'hex without 0x, odd, above 2^256, negative, null',
    expected: 'refused by form, dissent of the source, never 0',
    inject: (seed) =>
      chain(async ({ sources, reader }) => {
        const { one, name } = pick(sources, seed)
        const values = ['10', '0x1g', `0x1${'0'.repeat(64)}`, '-0x1', null, '0x', '0x00', 5]
        const results: string[] = []
        let right = true
        for (const number of values) {
          one.become(lie('eth_getBlockByNumber', (block: object) => ({ ...block, number })))
          const { value, dissent } = await balance(reader())
          results.push(dissent.join())
          right &&= value === wei && dissent.includes(`${name}:RPC_MALFORMED`)
        }
        one.become(lie('eth_call', () => '0xabc'))
        const odd = await balance(reader())
        right &&= odd.value === wei && odd.dissent.includes(`${name}:RPC_MALFORMED`)
        return verdict({
          seen: `${values.length + 1} forms: ${new Set([...results, odd.dissent.join()]).size === 1 ? results[0] : results.join(' ')}`,
          evidence: JSON.stringify([...values.map((it) => (typeof it === 'string' ? it.slice(0, 8) : it)), '0xabc']),
          holds: { 'each refused': right },
        })
      }),
  },
  {
    id: 'RPC-11',
    fault: 'HTTP 429 from one source, then from all',
    expected: 'k kept; the source is left alone for a while; RPC_QUORUM_LOST when all are busy',
    inject: (seed) =>
      chain(async ({ sources, reader }) => {
        const { one, name } = pick(sources, seed)
        const open = reader()
        one.become({ kind: 'busy' })
        one.forget()
        let right = true
        for (let round = 0; round < 20; round += 1) right &&= (await balance(open)).value === wei
        const asked = one.requests()
        for (const source of sources) source.become({ kind: 'busy' })
        const all = await outcome(open.pin())
        return verdict({
          seen: `20 reads true; all busy: ${all}`,
          evidence: `the busy source ${name} was asked ${asked} times in 20 reads (4 a read if it were not left alone)`,
          holds: { 'the truth': right, 'left alone': asked <= 12, 'k kept': all === 'RPC_QUORUM_LOST' },
        })
      }),
  },
  {
    id: 'RPC-12',
    fault: 'eth_getLogs answers [] for blocks it does not have',
    expected: 'the escape that one source shows counts, whatever the others leave out',
    inject: (seed) =>
      house(async ({ sources, view, harbour, manifest, alice, finalise, vault, token }) => {
        await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 100n * usdc })
        await finalise()
        const asked = BigInt(1 + seed.draw(99)) * usdc
        await Deployment.write(harbour, alice, {
          address: vault('harbour'),
          abi: collateralVaultAbi,
          functionName: 'requestEscape',
          args: [token('harbour'), asked],
        })
        const { one, others } = pick(sources.harbour, seed)
        one.become(lie('eth_getLogs', () => []))
        const missed = (await view()).lots[0]?.pendingOut
        one.become({ kind: 'none' })
        for (const source of others) source.become(lie('eth_getLogs', () => []))
        const [lot] = (await view()).lots
        return verdict({
          seen: `on its way out: ${missed} when one leaves it out, ${lot?.pendingOut} when two do`,
          evidence: `asked for ${asked}; one of three sources showed no log, then the other two`,
          holds: { 'one missing': missed === asked, counted: lot?.pendingOut === asked },
        })
      }),
  },
  {
    id: 'RPC-13',
    fault: 'a forged eth_getProof',
    expected: 'PROOF_INVALID; a source that proves is found first if there is one',
    inject: () =>
      house(async ({ sources, view, harbour, manifest, alice, finalise, vault, token, reader }) => {
        await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 100n * usdc })
        await finalise()
        const forged = lie('eth_getProof', (proof: { readonly storageProof: readonly { readonly proof: readonly string[] }[] }) => ({
          ...proof,
          storageProof: proof.storageProof.map((one) => ({
            ...one,
            proof: one.proof.map((node) => `${node.slice(0, -2)}${node.endsWith('ff') ? '00' : 'ff'}`),
          })),
        }))
        const [first, second, third] = sources.harbour
        for (const source of [first, second]) source.become(forged)
        const open = reader('harbour', { evidence: 'proof' })
        const pinned = await open.pin()
        const proven = await open.prove({
          pinned,
          address: vault('harbour'),
          slots: [VaultProof.lockedSlot({ holder: alice.address, token: token('harbour') })],
        })
        third.become(forged)
        const { missing } = await view()
        return verdict({
          seen: `two forge: ${proven.values[0]} by ${proven.source}; all forge: ${missing.map(({ code }) => code).join()}`,
          evidence: `forgers named: ${proven.dissent.map(({ id, why }) => `${id}:${why}`).join(' ')}`,
          holds: {
            'proven by the honest one': proven.values[0] === 100n * usdc,
            refused: missing.some(({ code }) => code === 'PROOF_INVALID'),
          },
        })
      }),
  },
  {
    id: 'RPC-14',
    fault: 'a head that flaps N, N − 1, N … behind a load balancer',
    expected: 'the block is pinned by its hash; the view does not change',
    inject: (seed) =>
      chain(async ({ sources, reader }) => {
        const { one, name } = pick(sources, seed)
        one.become({ kind: 'flap' })
        const open = reader()
        const reads = []
        for (let round = 0; round < 10; round += 1) reads.push(await balance(open))
        const hashes = new Set(reads.map(({ read }) => read.pinned.block.hash))
        return verdict({
          seen: `10 reads, ${hashes.size} block${hashes.size === 1 ? '' : 's'}, all ${reads.every(({ value }) => value === wei) ? 'true' : 'not true'}`,
          evidence: `${[...hashes].map((hash) => hash.slice(0, 18)).join(' ')} source ${name}`,
          holds: { 'one block': hashes.size === 1, true: reads.every(({ value }) => value === wei) },
        })
      }),
  },
  {
    id: 'RPC-16',
    fault: 'decimals() of a token changes from 6 to 18',
    expected: 'DECIMALS_CHANGED; the asset counts nothing, the others do',
    inject: () =>
      house(async ({ view, harbour, lagoon, manifest, alice, finalise, token }) => {
        await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: 100n * usdc })
        await Deployment.lock({ chain: lagoon, manifest, account: alice, asset: 'USDC', amount: 7n * usdc })
        await finalise()
        // A few bytes of code that answer 18 when asked for decimals, and to everything else the greatest number: the vault is not short.
        const bytecode = '0x60003560e01c63313ce56714601a5760001960005260206000f35b601260005260206000f3'
        await harbour.testClient.setCode({ address: token('harbour'), bytecode })
        await finalise()
        const seen = await view()
        const codes = seen.doubtful.map(({ code }) => code)
        return verdict({
          seen: `${codes.join()}; other lots: ${seen.lots.map(({ amount }) => amount).join()}`,
          evidence: seen.refusals[0]?.sentence ?? 'no refusal',
          holds: {
            refused: codes.join() === 'DECIMALS_CHANGED',
            'the other counts': seen.lots.length === 1 && seen.lots[0]?.amount === 7n * usdc,
          },
        })
      }),
  },
]
