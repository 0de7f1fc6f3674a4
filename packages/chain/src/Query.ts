/** Reads as values: which calls to make, and what their results mean. Several queries share one `eth_call`, as far as one goes. */
import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
} from 'viem'
import type { Hex } from './Hex.ts'
import type { Call, Result } from './Multicall.ts'
import * as Multicall from './Multicall.ts'
import { type At, ForeignBlockError, NotYetFinalError, type Pinned, type Reader, UnverifiedBlockError } from './Quorum.ts'

export type Query<value> = {
  readonly calls: readonly Call[]
  /** @param results - one a call, in order. */
  readonly parse: (results: readonly Result[]) => value
}

/** A contract that reverts has answered; it has not answered zero. */
export type Outcome<value> =
  | { readonly status: 'ok'; readonly value: value }
  | { readonly status: 'reverted'; readonly data: Hex }
  /** There is no such contract, or it is another one. */
  | { readonly status: 'malformed' }

type Reading = 'pure' | 'view'

/** One view function of one contract. */
export function call<
  const abi extends Abi,
  name extends ContractFunctionName<abi, Reading>,
  const args extends ContractFunctionArgs<abi, Reading, name>,
>(read: call.Args<abi, name, args>): Query<Outcome<ContractFunctionReturnType<abi, Reading, name, args>>> {
  const { abi, functionName } = read as { readonly abi: Abi; readonly functionName: string }
  const data = encodeFunctionData({ abi, functionName, args: read.args as readonly unknown[] })
  return {
    calls: [{ target: read.target, data, ...(read.weight === undefined ? {} : { weight: read.weight }) }],
    parse: ([result]) => {
      if (!result) return { status: 'malformed' }
      if (!result.success) return { status: 'reverted', data: result.data }
      try {
        const value = decodeFunctionResult({ abi, functionName, data: result.data })
        return { status: 'ok', value: value as ContractFunctionReturnType<abi, Reading, name, args> }
      } catch {
        return { status: 'malformed' }
      }
    },
  }
}

export declare namespace call {
  type Args<abi, name, args> = {
    readonly abi: abi
    readonly target: Hex
    readonly functionName: name
    readonly args: args
    /** As `Multicall.Call` has it. */
    readonly weight?: number
  }
}

/** Several queries as one, their values in order. */
export function all<const values extends readonly unknown[]>(
  queries: { readonly [key in keyof values]: Query<values[key]> },
): Query<values> {
  const list = queries as readonly Query<unknown>[]
  return {
    calls: list.flatMap((query) => query.calls),
    parse: (results) => {
      let from = 0
      return list.map((query) => {
        const own = results.slice(from, from + query.calls.length)
        from += query.calls.length
        return query.parse(own)
      }) as unknown as values
    },
  }
}

/**
 * What one function says of many rows, asked of so many at a time that a node computes each call; the answers in order. No rows are one call.
 *
 * @param args.weight - of one row, as `Multicall.Call` has it.
 * @param args.of - the call about some of them.
 */
export function rows<row, value>(args: rows.Args<row, value>): Query<readonly value[]> {
  const { weight, of } = args
  const size = Math.max(1, Math.floor(Multicall.most / Math.max(1, weight)))
  const count = Math.max(1, Math.ceil(args.rows.length / size))
  const parts = Array.from({ length: count }, (_, index) => args.rows.slice(index * size, (index + 1) * size))
  return map(all<readonly (readonly value[])[]>(parts.map((some) => of(some, Math.max(1, some.length * weight)))), (values) =>
    values.flat(),
  )
}

export declare namespace rows {
  type Args<row, value> = {
    readonly rows: readonly row[]
    readonly weight: number
    readonly of: (some: readonly row[], weight: number) => Query<readonly value[]>
  }
}

/** The same calls, read further. */
export function map<value, mapped>(query: Query<value>, read: (value: value) => mapped): Query<mapped> {
  return { calls: query.calls, parse: (results) => read(query.parse(results)) }
}

/**
 * Makes the reads of a query at one block, in one `eth_call` per source, or as many as `Multicall.parts` makes of them.
 *
 * @param args.at - `final` for what cannot be undone, `head` for what holds now.
 * @throws {Quorum.QuorumError} and whatever the query throws when parsed.
 */
export async function fetch<value>(args: fetch.Args<value>): Promise<{ readonly pinned: Pinned; readonly value: value }> {
  const { reader, at, query } = args
  const { pinned, results, dissent } = await reader.fetch({ calls: query.calls, at })
  return { pinned: { ...pinned, dissent }, value: query.parse(results) }
}

export declare namespace fetch {
  type Args<value> = { readonly reader: Reader; readonly at: At; readonly query: Query<value> }
}

/** A block that somebody says they read at. */
export type Block = { readonly number: bigint; readonly hash: Hex }

/**
 * Makes the reads of a query at a final block that somebody else names, to see whether they read what they say.
 *
 * @throws {Quorum.NotYetFinalError} {Quorum.ForeignBlockError} the block is not final here, or another one stands in its place.
 * @throws {Quorum.UnverifiedBlockError} the chain has a light client, and it is neither a block that was verified of late nor proven to be below one.
 * @throws {Quorum.QuorumError} and whatever the query throws when parsed.
 */
export async function fetchAt<value>(args: fetchAt.Args<value>): Promise<{ readonly pinned: Pinned; readonly value: value }> {
  const { reader, block, query } = args
  const { chainId } = reader.config
  const own = await reader.pin({ at: 'final', reach: block.number })
  const { dissent } = own
  if (block.number > own.block.number) throw new NotYetFinalError({ chainId, dissent, number: block.number, final: own.block.number })
  const header = await reader.header({ pinned: own, number: block.number })
  if (header.hash !== block.hash)
    throw new ForeignBlockError({ chainId, dissent, number: block.number, named: block.hash, found: header.hash })
  if (!reader.isVerified(block) && !(await isAncestor({ reader, own, block })))
    throw new UnverifiedBlockError({ chainId, dissent, number: block.number })
  const read = await reader.read({ pinned: { ...own, block: header }, calls: query.calls })
  return { pinned: { ...read.pinned, dissent: read.dissent }, value: query.parse(read.results) }
}

export declare namespace fetchAt {
  type Args<value> = { readonly reader: Reader; readonly block: Block; readonly query: Query<value> }
}

/** Where a chain keeps the hashes of its last blocks in its own state, each in the slot of its number, and for how many (EIP-2935). */
const hashes: Hex = '0x0000f90827f1c53a10cb7a02335b175320002935'
const KEPT = 8_191n

/** Whether the state of a verified block says that this one is below it. The hash of one of longer ago has made way for a newer one's. */
async function isAncestor({ reader, own, block }: isAncestor.Args): Promise<boolean> {
  const slot: Hex = `0x${(block.number % KEPT).toString(16).padStart(64, '0')}`
  const { values } = await reader.prove({ pinned: own, address: hashes, slots: [slot] })
  return values[0] === BigInt(block.hash)
}

declare namespace isAncestor {
  type Args = { readonly reader: Reader; readonly own: Pinned; readonly block: Block }
}
