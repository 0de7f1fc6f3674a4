/** Whom the backstop takes over, of those that are due: too far gone, within what its capital carries at the block, and tried there. */
import { Contract, type Hex, type Multicall, Query, type Quorum, type Venue } from '@plimsoll/chain'
import { backstopAbi } from '@plimsoll/contracts'
import { Takeover, type Warrant } from '@plimsoll/liquidation'
import { encodeFunctionData } from 'viem'
import * as Trial from './trial.ts'

type Address = Hex.Hex

/** An account as its venue has it, with its verdict. */
export type Due = { readonly account: Venue.Account; readonly warrant: Warrant.Due }

export type Inherited = { readonly due: Due; readonly call: Multicall.Call; readonly room: Takeover.Room }

/** @param args.found - whoever lacks most first. */
export async function select(args: select.Args): Promise<readonly Inherited[]> {
  const { reader, pinned, backstop, found, refused } = args
  const gone = found.filter(({ warrant }) => Takeover.isDue(warrant))
  if (gone.length === 0) return []
  const candidates = gone.flatMap((due) => {
    const { account, warrant } = due
    const position = account.positions.find(({ market }) => market === warrant.market)
    if (position === undefined) return []
    const { market, size, price } = position
    return [{ due, account: account.account, market, size, price, deficit: Takeover.deficit(account) }]
  })
  const markets = [...new Set(candidates.map(({ market }) => market))]
  // Whom it cannot be asked for is sold: what stands in the backstop's way keeps nobody from being closed.
  const room = await roomOf({ reader, pinned, backstop, markets }).catch((error: unknown) => {
    if (!(error instanceof Contract.UnreadableError)) throw error
    refused.add(`BACKSTOP_UNREADABLE: ${error.message}`)
    return null
  })
  if (room === null) return []
  const fit = Takeover.select(candidates, room)
  if (fit.length < candidates.length) refused.add('BACKSTOP_FULL: It carries what its capital may, and the rest is sold.')
  const calls = fit.map(({ account, market }) => ({
    target: backstop,
    data: encodeFunctionData({ abi: backstopAbi, functionName: 'inherit', args: [account, market] }),
  }))
  const tried = await Trial.attempt({ reader, pinned, calls })
  return fit.flatMap(({ due }, i) => {
    const [result, call] = [tried[i], calls[i]]
    if (result?.success && call !== undefined) return [{ due, call, room }]
    refused.add(`BACKSTOP_REFUSES: ${Trial.reasonOf(result?.data ?? '0x')}`)
    return []
  })
}

export declare namespace select {
  type Args = {
    readonly reader: Quorum.Reader
    readonly pinned: Quorum.Pinned
    readonly backstop: Address
    readonly found: readonly Due[]
    /** Is told why somebody was not taken. */
    readonly refused: Set<string>
  }
}

async function roomOf(args: {
  readonly reader: Quorum.Reader
  readonly pinned: Quorum.Pinned
  readonly backstop: Address
  readonly markets: readonly Address[]
}): Promise<Takeover.Room> {
  const { reader, pinned, backstop, markets } = args
  const read = { abi: backstopAbi, target: backstop }
  const query = Query.all([
    Query.call({ ...read, functionName: 'capacity', args: [] }),
    Query.call({ ...read, functionName: 'inventoryNotional', args: [] }),
    Query.call({ ...read, functionName: 'terms', args: [] }),
    Query.all(markets.map((market) => Query.call({ ...read, functionName: 'offerOf', args: [market] }))),
  ])
  const { results } = await reader.read({ pinned, calls: query.calls })
  const [capacity, notional, terms, offers] = query.parse(results)
  const at = { abi: backstopAbi, chainId: reader.config.chainId, address: backstop }
  return {
    capacity: Contract.answer(capacity, { ...at, functionName: 'capacity' }),
    notional: Contract.answer(notional, { ...at, functionName: 'inventoryNotional' }),
    inventoryPpm: Contract.answer(terms, { ...at, functionName: 'terms' }).inventoryPpm,
    inventory: Object.fromEntries(
      offers.flatMap((offer, i) => {
        const market = markets[i]
        return market === undefined ? [] : [[market, Contract.answer(offer, { ...at, functionName: 'offerOf' }).inventory] as const]
      }),
    ),
  }
}
