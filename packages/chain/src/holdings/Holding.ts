/** One interface for everywhere an account may hold something: a wallet, a vault, a lending reserve, a venue. */
import type { Inputs } from '@plimsoll/margin'
import type { Hex } from '../Hex.ts'
import * as Query from '../Query.ts'

/** What one account holds or owes at one place, in a token's own units; or why that cannot be said. */
export type Held =
  | {
      readonly status: 'ok'
      readonly holder: Hex
      readonly token: Hex
      /** The contract that keeps the figure. Two places that read the same one have found the same thing. */
      readonly source: Hex
      readonly amount: bigint
      readonly owed: bigint
    }
  | {
      readonly status: 'refused'
      readonly holder: Hex
      readonly token: Hex
      readonly code: 'ASSET_UNSUPPORTED' | 'ORACLE_INVALID'
      readonly sentence: string
    }

/**
 * A place. `query` reads every account in one `eth_call` together with all other places of the chain.
 *
 * `token` of what it returns may itself be a receipt: `Receipt.resolve` goes down to what it stands for.
 */
export type Holding<custody extends Inputs.Custody = Inputs.Custody> = {
  /** For people: `wallet USDC`, `Aave v3 USDC`. */
  readonly name: string
  /** What may be lent on it: `LOCKED` cannot leave without us, `LIENED` is bound for us elsewhere, `OBSERVED` counts nothing. */
  readonly custody: custody
  readonly query: (holders: readonly Hex[]) => Query.Query<readonly Held[]>
}

/**
 * What one function of one contract says that each holder has of a token. Exactly one word is an amount; anything else is refused: the
 * contract reverts, says nothing, or says more than a word.
 *
 * @param args.source - the contract that is asked.
 * @param args.ask - the call about one holder.
 * @param args.weight - of one such call, as `Multicall.Call` has it.
 */
export function amounts(args: amounts.Args): Query.Query<readonly Held[]> {
  const { token, source, functionName, weight } = args
  return Query.all<readonly Held[]>(
    args.holders.map((holder) => ({
      calls: [{ target: source, data: args.ask(holder), ...(weight === undefined ? {} : { weight }) }],
      parse: ([result]): Held =>
        result?.success && result.data.length === 66
          ? { status: 'ok', holder, token, source, amount: BigInt(result.data), owed: 0n }
          : {
              ...{ status: 'refused', holder, token, code: 'ASSET_UNSUPPORTED' },
              sentence: `${functionName} of ${source} gave no amount for ${holder}.`,
            },
    })),
  )
}

export declare namespace amounts {
  type Args = {
    readonly token: Hex
    readonly source: Hex
    readonly holders: readonly Hex[]
    readonly functionName: string
    readonly ask: (holder: Hex) => Hex
    readonly weight?: number
  }
}

/** The same amounts as debts in the token that they are owed in. */
export function owed(held: readonly Held[]): readonly Held[] {
  return held.map((one) => (one.status === 'ok' ? { ...one, amount: 0n, owed: one.amount } : one))
}
