/** What is locked in our vaults on one chain, less what is on its way out. */
import { collateralVaultAbi } from '@plimsoll/contracts'
import type { Inputs } from '@plimsoll/margin'
import * as Contract from '../Contract.ts'
import { type Hex, address as parseAddress } from '../Hex.ts'
import type { Log } from '../Log.ts'
import type * as Oracle from '../Oracle.ts'
import * as Outflow from '../Outflow.ts'
import * as Query from '../Query.ts'
import type { Pinned, Reader } from '../Quorum.ts'
import * as VaultProof from '../VaultProof.ts'

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
  /** What the token itself says; null where it says nothing. */
  readonly decimals: number | null
  readonly pinned: Pinned
}

/** As the vault has it at one block. */
export type Row = {
  readonly vault: Vault
  readonly token: Token
  readonly holder: Hex
  readonly locked: bigint
  readonly leaving: bigint
  readonly decimals: number | null
}

/** Balances and escapes of every account and token of one vault, with what each token says of its decimals. */
export function query(args: { readonly vault: Vault; readonly accounts: readonly Hex[] }): Query.Query<readonly Row[]> {
  const { vault, accounts } = args
  const { tokens } = vault
  const query = Query.all([
    Query.rows({ rows: accounts, weight: tokens.length, of: (some, weight) => positions({ vault, some, weight }) }),
    Query.all<readonly Query.Outcome<number>[]>(
      tokens.map((token) => Query.call({ abi: decimalsAbi, target: token.address, functionName: 'decimals', args: [] })),
    ),
  ])
  return Query.map(query, ([held, decimals]) => {
    const saidOf = new Map(tokens.map(({ address }, index) => [address, decimals[index]]))
    return held.map((one) => {
      const said = saidOf.get(one.token.address)
      return { ...one, vault, decimals: said?.status === 'ok' ? said.value : null }
    })
  })
}

function positions(args: {
  readonly vault: Vault
  readonly some: readonly Hex[]
  readonly weight: number
}): Query.Query<readonly Pick<Row, 'holder' | 'token' | 'locked' | 'leaving'>[]> {
  const { vault, some, weight } = args
  const { chainId, address, tokens } = vault
  const functionName = 'positions'
  const read = { abi: collateralVaultAbi, chainId, address, functionName }
  const query = Query.call({
    ...{ abi: collateralVaultAbi, target: address, functionName, weight },
    args: [some, tokens.map((token) => token.address)],
  })
  return Query.map(query, (outcome) => {
    const [locked, leaving] = Contract.answer(outcome, read)
    return some.flatMap((holder, row) =>
      tokens.map((token, column) => {
        const [held, out] = [locked[row * tokens.length + column], leaving[row * tokens.length + column]]
        if (held === undefined || out === undefined) throw new Contract.UnreadableError({ ...read, reason: 'it left accounts out' })
        return { token, holder, locked: held, leaving: out }
      }),
    )
  })
}

/** Holds every row against a Merkle proof. @throws {Quorum.ProofInvalidError} {Quorum.QuorumError} */
export async function prove(args: { readonly reader: Reader; readonly pinned: Pinned; readonly rows: readonly Row[] }): Promise<void> {
  const { reader, pinned, rows } = args
  for (const [vault, own] of Map.groupBy(rows, ({ vault: { address } }) => address)) {
    const claims = own.map(({ holder, token, locked, leaving }) => ({ holder, token: token.address, locked, leaving }))
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

/** What is left of each row, where anything is. */
export function left(args: { readonly rows: readonly Row[]; readonly outflows: Outflows; readonly pinned: Pinned }): readonly Locked[] {
  const { rows, outflows, pinned } = args
  return rows.flatMap(({ vault, token, holder, locked, leaving, decimals }) => {
    const outflow = outflows.get(vault.address)?.get(Outflow.keyOf(holder, token.address))
    const rest = Outflow.apply({ locked, leaving, outflow })
    return rest.amount === 0n ? [] : [{ vault, token, holder, decimals, pinned, ...rest }]
  })
}

/** Each row as its block has it, where anything is: nothing that was seen leaving since is taken off. */
export function standing(args: { readonly rows: readonly Row[]; readonly pinned: Pinned }): readonly Locked[] {
  const { rows, pinned } = args
  return rows.flatMap(({ locked, leaving, ...row }) => (locked === 0n ? [] : [{ ...row, pinned, amount: locked, pendingOut: leaving }]))
}

const decimalsAbi = [
  { type: 'function', name: 'decimals', stateMutability: 'view', inputs: [], outputs: [{ name: '', type: 'uint8' }] },
] as const
