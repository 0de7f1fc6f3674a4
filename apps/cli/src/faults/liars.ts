/** Sources that lie: one of three, or most alike, so that nobody is left to contradict them: what a reader makes of it, and what a whole gateway does. */
import { Deployment } from '@plimsoll/localnet'
import { numberToHex } from 'viem'
import * as Gate from './Gate.ts'
import { type Row, type Seed, verdict } from './Row.ts'
import * as Stand from './Stand.ts'

const { balance, chain, house, lie, pick, usdc, wei } = Stand
const { gate, told, until, usd } = Gate
const lied = 1_000_000n * usdc
const word = (value: bigint) => numberToHex(value, { size: 32 }).slice(2)
/** Tells of `to` wherever the chain says `from`. */
const telling = (from: bigint, to: bigint) => lie('eth_call', (hex: string) => hex.replaceAll(word(from), word(to)))

/** Wrong in the last digit of every value read. */
const wrong = lie('eth_call', (hex: string) => `${hex.slice(0, -1)}${((Number.parseInt(hex.slice(-1), 16) + 1) % 16).toString(16)}`)

/** One of three lies to a reader: what is read, who is named, and what its word is worth after that and after 200 true answers. */
function readOne(seed: Seed) {
  return chain(async ({ sources, reader }) => {
    const { one, name } = pick(sources, seed)
    one.become(wrong)
    const open = reader()
    const { value, dissent } = await balance(open)
    const scores = [...open.scores()].map(([id, { scorePpm }]) => ({ id, scorePpm }))
    one.become({ kind: 'none' })
    for (let round = 0; round < 200; round += 1) await balance(open)
    return { value, dissent, name, scores, after: open.scores().get(name)?.scorePpm ?? 0 }
  })
}

/** One of three lies to a gateway: what it grants, and what its operator is told. */
function serveOne(seed: Seed) {
  return gate({}, async (at) => {
    const before = await until(at.quote, ({ notional }) => notional > 0n)
    const index = seed.draw(3) as 0 | 1 | 2
    const id = `harbour-${(['alpha', 'beta', 'gamma'] as const)[index]}`
    at.sources.harbour[index].become(wrong)
    const health = await until(at.health, ({ faults }) => faults.some((text) => text.includes('SOURCE_LIED')))
    const after = await at.quote()
    const issued = told(
      await until(
        () => at.issue(1_000),
        ({ status }) => status === 'issued',
      ),
    )
    const source = health.chains.flatMap(({ sources }) => sources).find((one) => one.id === id)
    return {
      before,
      after,
      issued,
      id,
      alarm: health.faults.filter((text) => text.includes('SOURCE_LIED')),
      scorePpm: source?.scorePpm ?? 1_000_000,
    }
  })
}

/** What readers see: with proofs, and by a quorum alone. */
async function read(seed: Seed) {
  return await house(async ({ sources, view, harbour, manifest, alice, finalise, reader }) => {
    const locked = BigInt(1_000 + seed.draw(1_000)) * usdc
    await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: locked })
    await finalise()
    const { one, others } = pick(sources.harbour, seed)
    one.become({ kind: 'down' })
    for (const source of others) source.become(telling(locked, lied))
    const proven = await view()
    const believed = await view({ readers: [reader('harbour'), reader('lagoon'), reader('strait')] })
    return { proven, believed: believed.lots.find((lot) => lot.chainId === harbour.chainId)?.amount }
  })
}

/** What a gateway grants: before, while two lie alike about what is locked and the third is honest, and once they are honest again. */
async function serve(seed: Seed) {
  return await gate({}, async (at) => {
    const { harbour } = at.house.world.chains
    const before = await until(at.quote, ({ notional }) => notional > 0n)
    const { others } = pick(at.sources.harbour, seed)
    for (const source of others) source.become(telling(10_000n * usdc, lied))
    let most = 0n
    const during = await until(
      async () => {
        const quote = await at.quote()
        if (quote.notional > most) most = quote.notional
        return quote
      },
      ({ notional }) => notional === 0n,
    )
    const chain = (await at.client().getCollateral()).chains.find(({ chainId }) => chainId === harbour.chainId)
    const raise = told(await at.issue(1_000))
    for (const source of others) source.become({ kind: 'none' })
    const after = await until(at.quote, ({ notional }) => notional >= before.notional)
    return { before, during, most, chain, raise, after }
  })
}

export const rows: readonly Row[] = [
  {
    id: 'RPC-4',
    fault: '1 of 3 lies about a value, to a reader and to a gateway',
    expected:
      'the truth from the others; dissent RPC_VALUE_DISAGREE; its score falls and is mended by the truth; the gateway grants as before, and tells its operator SOURCE_LIED',
    inject: async (seed) => {
      const { value, dissent, name, scores, after } = await readOne(seed)
      const served = await serveOne(seed)
      const own = scores.find(({ id }) => id === name)?.scorePpm ?? 0
      const percent = (ppm: number) => `${(ppm / 10_000).toFixed(1)} %`
      return verdict({
        seen: `${value === wei ? 'the truth' : value}, dissent ${dissent.join(' ')}, score ${percent(own)}, after 200 true answers ${percent(after)}; at a gateway: limit ${served.before.notional / usd(1)} → ${served.after.notional / usd(1)}, a raise: ${served.issued}, score of ${served.id} ${percent(served.scorePpm)}`,
        evidence: served.alarm[0] ?? 'no alarm',
        holds: {
          'the same value': value === wei,
          'the source named': dissent.includes(`${name}:RPC_VALUE_DISAGREE`),
          'its score alone': own === 500_000 && scores.every(({ id, scorePpm }) => id === name || scorePpm === 1_000_000),
          'mended by the truth': after > own && after < 1_000_000,
          'granted as before': served.after.notional > 0n && served.issued === 'issued',
          'one alarm, of it': served.alarm.length === 1 && served.alarm[0]?.includes(served.id) === true,
          'its score at the gateway': served.scorePpm < 1_000_000,
        },
      })
    },
  },
  {
    id: 'RPC-5',
    fault: '2 of 3 lie alike, 1 is down (Kelp); then 2 of 3 lie alike to a gateway',
    expected:
      'with proofs PROOF_INVALID and nothing counted; by quorum alone the lie would be believed; at a gateway the chain is missing with that code, the limit does not rise',
    inject: async (seed) => {
      const { proven, believed } = await read(seed)
      const { before, during, most, chain, raise, after } = await serve(seed)
      return verdict({
        seen: `${proven.missing.map(({ code }) => code).join()}; a quorum alone: ${believed === lied ? 'the lie' : believed}; at a gateway ${chain?.status} ${chain?.code}, limit ${before.notional / usd(1)} → ${during.notional / usd(1)} → ${after.notional / usd(1)}, a raise: ${raise}`,
        evidence: proven.refusals[0]?.sentence.slice(0, 160) ?? 'no refusal',
        holds: {
          caught: proven.missing.some(({ code }) => code === 'PROOF_INVALID'),
          'nothing counted': proven.lots.length === 0,
          'the lie was real': believed === lied,
          'a limit before': before.notional > 0n,
          'never more': most <= before.notional,
          'missing with its code': chain?.status === 'missing' && chain.code === 'PROOF_INVALID',
          'named in the limit': during.notional === 0n && during.bounds.some((text) => text.includes('PROOF_INVALID')),
          'no certificate': raise !== 'issued',
          back: after.notional === before.notional,
        },
      })
    },
  },
]
