/** RPC-5: most sources lie alike, and nobody is left to contradict them: what a reader makes of it, and what a whole gateway does. */
import { Deployment } from '@plimsoll/localnet'
import { numberToHex } from 'viem'
import * as Gate from './Gate.ts'
import { type Row, type Seed, verdict } from './Row.ts'
import * as Stand from './Stand.ts'

const { house, lie, pick, usdc } = Stand
const { gate, told, until, usd } = Gate
const lied = 1_000_000n * usdc
const word = (value: bigint) => numberToHex(value, { size: 32 }).slice(2)
/** Tells of `to` wherever the chain says `from`. */
const telling = (from: bigint, to: bigint) => lie('eth_call', (hex: string) => hex.replaceAll(word(from), word(to)))

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
