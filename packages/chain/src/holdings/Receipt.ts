/** Receipts down to what they stand for. A receipt that stands on itself, however far down, stands on nothing. */
import { erc4626Abi } from 'viem'
import { type Hex, address as parseAddress } from '../Hex.ts'
import * as Query from '../Query.ts'
import type { Pinned, Reader } from '../Quorum.ts'

/** `shares` have a price of their own (ERC-4626), `balance` is counted in the underlying one for one (Aave's aToken). */
export type Kind = 'shares' | 'balance'

export type Refusal = { readonly code: 'COLLATERAL_CYCLE' | 'ASSET_UNKNOWN' | 'ASSET_UNSUPPORTED'; readonly sentence: string }

/** The receipts a token leads through, outermost first, and the asset at the end; or why there is none. */
export type Path =
  | {
      readonly status: 'ok'
      readonly token: Hex
      readonly through: readonly { readonly receipt: Hex; readonly kind: Kind }[]
      readonly asset: Hex
    }
  | ({ readonly status: 'refused'; readonly token: Hex } & Refusal)

/** Receipts in a receipt, at most. */
const DEEPEST = 8

/**
 * What each token stands for, read level by level at one pinned block: one `eth_call` per source and level.
 *
 * @param args.receipts - tokens known to be receipts, by lower-case address. What is neither here nor in `assets` is unknown.
 * @param args.assets - tokens that stand for themselves, lower-case.
 * @throws {Quorum.QuorumError}
 */
export async function resolve(args: resolve.Args): Promise<ReadonlyMap<Hex, Path>> {
  const { reader, pinned, tokens, receipts, assets } = args
  const paths = new Map<Hex, Path>()
  let open = [...new Set(tokens.map((token) => token.toLowerCase() as Hex))].map((token) => ({ token, at: token, through: [] as Step[] }))
  for (let level = 0; open.length > 0; level += 1) {
    const further: typeof open = []
    for (const one of open) {
      const { token, at, through } = one
      if (assets.has(at)) paths.set(token, { status: 'ok', token, through, asset: at })
      else if (through.some(({ receipt }) => receipt === at))
        paths.set(
          token,
          refuse(token, 'COLLATERAL_CYCLE', `${token} stands on itself, through ${through.map(({ receipt }) => receipt).join(', ')}.`),
        )
      else if (!receipts.has(at))
        paths.set(token, refuse(token, 'ASSET_UNKNOWN', `${token} stands on ${at}, which is neither an asset nor a receipt here.`))
      else if (level >= DEEPEST)
        paths.set(token, refuse(token, 'COLLATERAL_CYCLE', `${token} stands on receipts more than ${DEEPEST} deep.`))
      else further.push(one)
    }
    const below = await underlyings({ reader, pinned, receipts, tokens: [...new Set(further.map(({ at }) => at))] })
    open = further.flatMap(({ token, at, through }) => {
      const next = below.get(at)
      if (next) return [{ token, at: next, through: [...through, { receipt: at, kind: receipts.get(at) ?? 'shares' }] }]
      paths.set(token, refuse(token, 'ASSET_UNSUPPORTED', `${at} does not say what it stands for.`))
      return []
    })
  }
  return paths
}

export declare namespace resolve {
  type Args = {
    readonly reader: Reader
    readonly pinned: Pinned
    readonly tokens: readonly Hex[]
    readonly receipts: ReadonlyMap<Hex, Kind>
    readonly assets: ReadonlySet<Hex>
  }
}

/**
 * Amounts of receipts as amounts of what they stand for: one `eth_call` per source and level of shares. `convertToAssets` rounds down.
 *
 * @param args.amounts - with the path of their token.
 * @returns one an amount, in order; null where a receipt does not answer.
 * @throws {Quorum.QuorumError}
 */
export async function convert(args: convert.Args): Promise<readonly (bigint | null)[]> {
  const { reader, pinned, amounts } = args
  const left = amounts.map(({ amount, path }) => ({
    amount: amount as bigint | null,
    steps: path.through.filter(({ kind }) => kind === 'shares'),
  }))
  for (let level = 0; left.some(({ steps }) => steps.length > level); level += 1) {
    const due = left.filter(({ steps, amount }) => steps.length > level && amount !== null && amount > 0n)
    const query = Query.all<readonly Query.Outcome<bigint>[]>(
      due.map(({ steps, amount }) =>
        Query.call({ abi: erc4626Abi, target: steps[level]?.receipt ?? '0x', functionName: 'convertToAssets', args: [amount ?? 0n] }),
      ),
    )
    const { results } = await reader.read({ pinned, calls: query.calls })
    for (const [index, outcome] of query.parse(results).entries()) {
      const one = due[index]
      if (one) one.amount = outcome.status === 'ok' ? outcome.value : null
    }
  }
  return left.map(({ amount }) => amount)
}

export declare namespace convert {
  type Args = {
    readonly reader: Reader
    readonly pinned: Pinned
    readonly amounts: readonly { readonly amount: bigint; readonly path: Path & { readonly status: 'ok' } }[]
  }
}

type Step = { readonly receipt: Hex; readonly kind: Kind }

async function underlyings(args: Pick<resolve.Args, 'reader' | 'pinned' | 'receipts' | 'tokens'>): Promise<ReadonlyMap<Hex, Hex>> {
  const { reader, pinned, receipts, tokens } = args
  const query = Query.all<readonly Query.Outcome<Hex>[]>(
    tokens.map((target) =>
      receipts.get(target) === 'balance'
        ? Query.call({ abi: aTokenAbi, target, functionName: 'UNDERLYING_ASSET_ADDRESS', args: [] })
        : Query.call({ abi: erc4626Abi, target, functionName: 'asset', args: [] }),
    ),
  )
  const { results } = await reader.read({ pinned, calls: query.calls })
  return new Map(
    query.parse(results).flatMap((outcome, index) => {
      const token = tokens[index]
      return outcome.status === 'ok' && token ? [[token, parseAddress(outcome.value, 'underlying')] as const] : []
    }),
  )
}

const aTokenAbi = [
  { type: 'function', name: 'UNDERLYING_ASSET_ADDRESS', stateMutability: 'view', inputs: [], outputs: [{ name: '', type: 'address' }] },
] as const

function refuse(token: Hex, code: Refusal['code'], sentence: string): Path {
  return { status: 'refused', token, code, sentence }
}
