/** What a beacon node hashes for a light client, in the fields' own places, by a library of the beacon chain's own engineers. */
import { Tree } from '@chainsafe/persistent-merkle-tree'
import {
  ByteListType,
  ByteVectorType,
  ContainerType,
  type Type,
  UintBigintType,
  UintNumberType,
  type ValueOf,
  VectorCompositeType,
} from '@chainsafe/ssz'
import { bytesToHex, concatBytes, type Hex, hexToBytes, keccak256, stringToBytes } from 'viem'

export type Shape = 'deneb' | 'electra'

const root = new ByteVectorType(32)
const number = new UintNumberType(8)
const opts = (typeName: string) => ({ typeName, jsonCase: 'eth2' }) as const

const Block = new ContainerType(
  { slot: number, proposerIndex: number, parentRoot: root, stateRoot: root, bodyRoot: root },
  opts('BeaconBlockHeader'),
)
const Execution = new ContainerType(
  {
    parentHash: root,
    feeRecipient: new ByteVectorType(20),
    stateRoot: root,
    receiptsRoot: root,
    logsBloom: new ByteVectorType(256),
    prevRandao: root,
    blockNumber: number,
    gasLimit: number,
    gasUsed: number,
    timestamp: number,
    extraData: new ByteListType(32),
    baseFeePerGas: new UintBigintType(32),
    blockHash: root,
    transactionsRoot: root,
    withdrawalsRoot: root,
    blobGasUsed: new UintBigintType(8),
    excessBlobGas: new UintBigintType(8),
  },
  opts('ExecutionPayloadHeader'),
)
const Checkpoint = new ContainerType({ epoch: number, root }, opts('Checkpoint'))
const ForkData = new ContainerType({ version: new ByteVectorType(4), root }, opts('ForkData'))
const SigningData = new ContainerType({ root, domain: root }, opts('SigningData'))

export type Block = ValueOf<typeof Block>
export type Execution = ValueOf<typeof Execution>
export type Committee = { readonly pubkeys: Uint8Array[]; readonly aggregatePubkey: Uint8Array }
export type State = {
  readonly root: Uint8Array
  readonly branches: { readonly finalized: readonly Hex[]; readonly current: readonly Hex[]; readonly next: readonly Hex[] }
}

/** How many fields a state and a body have, which says how deep the others lie. */
const sizes = { deneb: { state: 28, body: 12 }, electra: { state: 37, body: 13 } } as const

/** @param committeeSize - keys. */
export function of(committeeSize: number) {
  const Committee = new ContainerType(
    { pubkeys: new VectorCompositeType(new ByteVectorType(48), committeeSize), aggregatePubkey: new ByteVectorType(48) },
    opts('SyncCommittee'),
  )

  function state(shape: Shape, held: { readonly finalized: Uint8Array; readonly current: Committee; readonly next: Committee }): State {
    const own = {
      20: { type: Checkpoint, value: { epoch: 0, root: held.finalized } },
      22: { type: Committee, value: held.current },
      23: { type: Committee, value: held.next },
    }
    const { tree, at } = filled({ size: sizes[shape].state, own })
    const finalized = branchOf(tree, at('20', 'root'))
    return { root: tree.root, branches: { finalized, current: branchOf(tree, at('22')), next: branchOf(tree, at('23')) } }
  }

  function body(shape: Shape, execution: Execution): { readonly root: Uint8Array; readonly execution: readonly Hex[] } {
    const { tree, at } = filled({ size: sizes[shape].body, own: { 9: { type: Execution, value: execution } } })
    return { root: tree.root, execution: branchOf(tree, at('9')) }
  }

  function signingRoot(args: { readonly block: Block; readonly version: string; readonly genesisValidatorsRoot: Hex }): Uint8Array {
    const { block, version, genesisValidatorsRoot } = args
    const fork = ForkData.hashTreeRoot({ version: hexToBytes(version as Hex), root: hexToBytes(genesisValidatorsRoot) })
    const domain = concatBytes([hexToBytes('0x07000000'), fork.subarray(0, 28)])
    return SigningData.hashTreeRoot({ root: Block.hashTreeRoot(block), domain })
  }

  return {
    ...{ state, body, signingRoot },
    rootOf: (block: Block): Uint8Array => Block.hashTreeRoot(block),
    toJson: {
      block: (block: Block): unknown => Block.toJson(block),
      execution: (execution: Execution): unknown => Execution.toJson(execution),
      committee: (committee: Committee): unknown => Committee.toJson({ ...committee }),
    },
  }
}

type Field = { readonly type: Type<unknown>; readonly value: unknown }

/** A container of so many fields: some its own, the others hashes. */
function filled(args: {
  readonly size: number
  readonly own: Readonly<Record<string, { readonly type: unknown; readonly value: unknown }>>
}) {
  const fields: Record<string, Type<unknown>> = {}
  const values: Record<string, unknown> = {}
  for (let i = 0; i < args.size; i += 1) {
    const own = args.own[i] as Field | undefined
    // A name that is a number would be put first.
    fields[`f${i}`] = own?.type ?? (root as Type<unknown>)
    values[`f${i}`] = own?.value ?? hexToBytes(keccak256(stringToBytes(`field ${i}`)))
  }
  const type = new ContainerType(fields)
  return {
    tree: new Tree(type.value_toTree(values)),
    at: (field: string, ...path: readonly string[]) => type.getPathInfo([`f${field}`, ...path]).gindex,
  }
}

function branchOf(tree: Tree, gindex: bigint): readonly Hex[] {
  return tree.getSingleProof(gindex).map((node) => bytesToHex(node))
}
