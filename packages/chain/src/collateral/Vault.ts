/** What is locked in our vaults on one chain, less what is on its way out. */
import { collateralVaultAbi } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import { erc20Abi } from 'viem'
import * as Contract from '../Contract.ts'
import { type Hex, address as parseAddress } from '../Hex.ts'
import type { Log } from '../Log.ts'
import type * as Oracle from '../Oracle.ts'
import * as Outflow from '../Outflow.ts'
import * as Query from '../Query.ts'
import type { Pinned, Reader } from '../Quorum.ts'
import * as VaultProof from '../VaultProof.ts'
import * as Stock from './Stock.ts'

/** A token taken as collateral. */
export type Token = {
  readonly address: Hex
  readonly asset: string
  /** Pinned here: a token that changes them is refused. */
  readonly decimals: number
  readonly feed: Oracle.Feed & { readonly chainId: number }
  readonly haircuts: Inputs.Lot['haircuts']
}

export type Vault = { readonly chainId: number; readonly address: Hex; readonly tokens: readonly Token[] }

/** Of one account, token and vault. */
export type Locked = {
  readonly vault: Vault
  readonly token: Token
  readonly holder: Hex
  readonly amount: bigint
  readonly pendingOut: bigint
  /** What the vault has written down, where that is more than rounding above `amount`: null where nobody had to be asked. */
  readonly written: bigint | null
  /** What the token itself says; null where it says nothing. */
  readonly decimals: number | null
  readonly stock: Stock.Stock
  readonly pinned: Pinned
}

/** As the vault has it at one block. Where the token does not say what the vault holds, `locked` is what the vault has written down. */
export type Row = {
  readonly vault: Vault
  readonly token: Token
  readonly holder: Hex
  readonly locked: bigint
  readonly written: bigint | null
  readonly leaving: bigint
  readonly decimals: number | null
  readonly stock: Stock.Stock
}

/** One token of one vault: `held` is null where the token does not answer, so that the vault cannot say what it would pay. */
export type Part = Pick<Row, 'vault' | 'token' | 'decimals' | 'stock'> & {
  readonly rows: readonly Pick<Row, 'holder' | 'locked' | 'leaving'>[] | null
}

/** Of every token of one vault, what each account has there and what is leaving. A token that does not answer costs no other. */
export function query(args: { readonly vault: Vault; readonly accounts: readonly Hex[] }): Query.Query<readonly Part[]> {
  const { vault, accounts } = args
  const { chainId, address, tokens } = vault
  const read = { abi: collateralVaultAbi, chainId, address, functionName: 'positions' }
  const query = Query.all([
    Query.rows({ rows: accounts, weight: tokens.length, of: (some) => each({ vault, some }) }),
    Query.all<readonly Omit<Part, 'rows'>[]>(tokens.map((token) => stocked({ vault, token }))),
  ])
  return Query.map(query, ([held, parts]) =>
    parts.map((part, column) => ({
      ...part,
      rows:
        part.stock.held === null ? null : held.flatMap((row) => (row[column] === undefined ? [] : [Contract.answer(row[column], read)])),
    })),
  )
}

/** What the vault owes and holds of a token, and what the token says of itself. */
function stocked({ vault, token }: { readonly vault: Vault; readonly token: Token }): Query.Query<Omit<Part, 'rows'>> {
  const { chainId, address } = vault
  const ofToken = { abi: erc20Abi, target: token.address }
  const query = Query.all([
    Query.call({ abi: collateralVaultAbi, target: address, functionName: 'totalLocked', args: [token.address] }),
    Query.call({ ...ofToken, functionName: 'balanceOf', args: [address] }),
    Query.call({ ...ofToken, functionName: 'decimals', args: [] }),
  ])
  return Query.map(query, ([total, balance, decimals]) => {
    const owed = Contract.answer(total, { abi: collateralVaultAbi, chainId, address, functionName: 'totalLocked' })
    const stock = { owed, held: balance.status === 'ok' ? balance.value : null }
    return { vault, token, stock, decimals: decimals.status === 'ok' ? decimals.value : null }
  })
}

/** For each of some accounts, a row a token. */
function each({ vault, some }: { readonly vault: Vault; readonly some: readonly Hex[] }): Query.Query<readonly (readonly Outcome[])[]> {
  const columns = Query.all<readonly (readonly Outcome[])[]>(vault.tokens.map((token) => positions({ vault, token, some })))
  return Query.map(columns, (all) => some.map((_, row) => all.flatMap((column) => (column[row] === undefined ? [] : [column[row]]))))
}

type Held = NonNullable<Part['rows']>[number]

type Outcome = Query.Outcome<Held>

function positions(args: { readonly vault: Vault; readonly token: Token; readonly some: readonly Hex[] }): Query.Query<readonly Outcome[]> {
  const { vault, token, some } = args
  const { chainId, address } = vault
  const functionName = 'positions'
  const weight = Math.max(1, some.length)
  const query = Query.call({ abi: collateralVaultAbi, target: address, functionName, weight, args: [some, [token.address]] })
  return Query.map(query, (outcome) => {
    if (outcome.status !== 'ok') return some.map(() => outcome)
    const [locked, leaving] = outcome.value
    return some.map((holder, row) => {
      const [held, out] = [locked[row], leaving[row]]
      if (held === undefined || out === undefined)
        throw new Contract.UnreadableError({ chainId, address, functionName, reason: 'it left accounts out' })
      return { status: 'ok', value: { holder, locked: held, leaving: out } }
    })
  })
}

/**
 * Every row, with what is written down there where the vault cannot say what it would pay, or would pay less: a share of nothing is none of
 * nobody's.
 *
 * @throws {Quorum.QuorumError} {Contract.UnreadableError}
 */
export async function rows(args: {
  readonly reader: Reader
  readonly pinned: Pinned
  readonly parts: readonly Part[]
  readonly accounts: readonly Hex[]
}): Promise<readonly Row[]> {
  const { reader, pinned, parts, accounts } = args
  const asked = parts.filter((one) => one.rows === null || Stock.isShort(one.stock))
  const query = Query.all<readonly ReadonlyMap<Hex, bigint>[]>(asked.map((one) => written({ ...one, accounts })))
  const { results } = await reader.read({ pinned, calls: query.calls })
  const found = new Map(query.parse(results).map((own, i) => [asked[i], own]))
  return parts.flatMap((one) => {
    const { vault, token, decimals, stock } = one
    const own = found.get(one)
    const held = one.rows ?? [...(own ?? [])].map(([holder, locked]) => ({ holder, locked, leaving: 0n }))
    return held.map((row) => ({ ...row, vault, token, decimals, stock, written: own?.get(row.holder) ?? null }))
  })
}

function written(args: Pick<Part, 'vault' | 'token'> & { readonly accounts: readonly Hex[] }): Query.Query<ReadonlyMap<Hex, bigint>> {
  const { vault, token, accounts } = args
  const { chainId, address } = vault
  const functionName = 'locked'
  const read = { abi: collateralVaultAbi, chainId, address, functionName }
  const query = Query.all<readonly Query.Outcome<bigint>[]>(
    accounts.map((holder) => Query.call({ abi: collateralVaultAbi, target: address, functionName, args: [holder, token.address] })),
  )
  return Query.map(
    query,
    (outcomes) => new Map(outcomes.flatMap((outcome, i) => (accounts[i] ? [[accounts[i], Contract.answer(outcome, read)]] : []))),
  )
}

/** Holds every row against a Merkle proof. @throws {Quorum.ProofInvalidError} {Quorum.QuorumError} */
export async function prove(args: { readonly reader: Reader; readonly pinned: Pinned; readonly rows: readonly Row[] }): Promise<void> {
  const { reader, pinned, rows } = args
  for (const [vault, own] of Map.groupBy(rows, ({ vault: { address } }) => address)) {
    const claims = own.map(({ token, ...row }) => ({ ...row, token: token.address }))
    await VaultProof.verify({ reader, pinned, vault, claims })
  }
}

/** What every source says has happened at the vaults since the pinned block: one `eth_getLogs` a source. */
export async function since(args: {
  readonly reader: Reader
  readonly pinned: Pinned
  readonly vaults: readonly Vault[]
  readonly topics: readonly Hex[]
}): Promise<readonly (readonly Log[])[]> {
  const { reader, pinned, vaults, topics } = args
  if (vaults.length === 0) return []
  const after = pinned.block.number
  // From the pinned block itself, which every agreeing source has: a range that starts beyond the head is an error at some nodes.
  const filter = { fromBlock: after, toBlock: 'latest' as const, addresses: vaults.map((vault) => vault.address), topics: [topics] }
  const { answers } = await reader.logs({ pinned, filter })
  return answers.map((answer) => answer.logs)
}

/** By vault, what has left it since the pinned block. */
export type Outflows = ReadonlyMap<Hex, ReadonlyMap<string, Outflow.Outflow>>

export function outflows(args: {
  readonly answers: readonly (readonly Log[])[]
  readonly pinned: Pinned
  readonly vaults: readonly Vault[]
}): Outflows {
  const { answers, pinned, vaults } = args
  const after = pinned.block.number
  return new Map(vaults.map(({ address }) => [address, Outflow.of({ answers, vault: parseAddress(address, 'vault'), after })]))
}

/** What is left of each row, where anything is, or is written down. */
export function left(args: { readonly rows: readonly Row[]; readonly outflows: Outflows; readonly pinned: Pinned }): readonly Locked[] {
  const { rows, outflows, pinned } = args
  return rows.flatMap(({ locked, leaving, ...row }) => {
    const outflow = outflows.get(row.vault.address)?.get(Outflow.keyOf(row.holder, row.token.address))
    const rest = Outflow.apply({ locked, leaving, outflow })
    return rest.amount === 0n && !isUnpaid({ locked, ...row }) ? [] : [{ ...row, pinned, ...rest }]
  })
}

/** Each row as its block has it, where anything is, or is written down: nothing that was seen leaving since is taken off. */
export function standing(args: { readonly rows: readonly Row[]; readonly pinned: Pinned }): readonly Locked[] {
  const { rows, pinned } = args
  return rows.flatMap(({ locked, leaving, ...row }) =>
    locked === 0n && !isUnpaid({ locked, ...row }) ? [] : [{ ...row, pinned, amount: locked, pendingOut: leaving }],
  )
}

/** Of so little that is left nothing would be paid, and something is owed. */
function isUnpaid({ locked, written }: Pick<Row, 'locked' | 'written'>): boolean {
  return locked === 0n && written !== null && written > 0n
}
