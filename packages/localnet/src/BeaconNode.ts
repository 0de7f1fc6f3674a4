/**
 * A local server in the shape of a beacon node's API for light clients, before a local chain: what the chain calls final is put into blocks of a
 * beacon chain that exists nowhere else, and a sync committee whose keys follow from a seed signs them.
 *
 * A test kit, not a node: there are no validators, no votes, and of states and bodies only the fields that a light client is shown; the others are
 * filled with hashes. Roots and branches are made by a library that the house's own client does not use.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { bls12_381 as bls } from '@noble/curves/bls12-381'
import { bytesToHex, concatBytes, type Hex, hexToBytes, keccak256, stringToBytes } from 'viem'
import * as Containers from './beacon/Containers.ts'
import * as Loopback from './Loopback.ts'

/** What the node does wrong. */
export type Lie =
  | 'none'
  /** Says that everybody signed, where two thirds did. */
  | 'bits'
  /** Is signed by half of the committee. */
  | 'half'
  /** Is signed by other keys. */
  | 'committee'
  /** Is signed for another fork. */
  | 'fork'
  /** Is signed in a slot that has not come. */
  | 'future'
  /** Calls the first block final again. */
  | 'old'
  /** Shows another final block than the state that was signed. */
  | 'finality'
  /** Shows another execution block than the final one carries. */
  | 'execution'
  /** Makes up a chain that holds together, and that nobody signed. */
  | 'unsigned'
  /** Tells another next committee than the state that was signed. */
  | 'next'
  /** Answers that it cannot. */
  | 'silent'
  /** Never answers. */
  | 'hang'

/** As a deployment document has it, less the ages that an operator chooses. */
export type Description = {
  readonly beacons: readonly { readonly id: string; readonly url: string }[]
  readonly checkpoint: Hex
  readonly genesisValidatorsRoot: Hex
  readonly genesisTime: number
  readonly slotSeconds: number
  readonly slotsPerEpoch: number
  readonly epochsPerPeriod: number
  readonly committeeSize: number
  readonly forks: readonly { readonly epoch: number; readonly version: Hex; readonly shape: Containers.Shape }[]
}

export type BeaconNode = AsyncDisposable & {
  readonly url: string
  /** What a light client is told beforehand. Its checkpoint is the block that was final at the start. */
  readonly description: Description
  become(lie: Lie): void
  /** From now on the committee signs other blocks than the chain has: whoever serves the chain serves one that is made up. */
  diverge(): void
  /** How often it was asked. */
  requests(): number
  stop(): Promise<void>
}

type Entry = {
  readonly slot: number
  readonly block: Containers.Block
  readonly execution: Containers.Execution
  readonly branch: readonly Hex[]
}
type Committee = { readonly secrets: readonly bigint[]; readonly value: Containers.Committee }

const DST = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_'
const order = bls.fields.Fr.ORDER
/** Every node's, by what its keys follow from: they take longer than anything else here. */
const committees = new Map<string, Committee>()

/**
 * @param options.target - URL of the chain.
 * @param options.nowMs - the clock that slots go by.
 * @param options.committeeSize - 32 unless given.
 * @param options.forks - Electra from the start unless given.
 */
export async function start(options: start.Options): Promise<BeaconNode> {
  const { target, seed = 'beacon', committeeSize = 32, slotSeconds = 1, nowMs = Date.now } = options
  const [slotsPerEpoch, epochsPerPeriod] = [8, 8]
  const forks = options.forks ?? [{ epoch: 0, version: '0x05000001' as Hex, shape: 'electra' as const }]
  const genesisValidatorsRoot = keccak256(stringToBytes(`${seed}: validators`))
  const genesisTime = Math.floor(nowMs() / 1000) - 1_000 * slotSeconds
  const periodSlots = slotsPerEpoch * epochsPerPeriod
  const types = Containers.of(committeeSize)
  const entries: Entry[] = []
  let lie: Lie = 'none'
  let diverged = false
  let requests = 0

  const slotNow = () => Math.floor((Math.floor(nowMs() / 1000) - genesisTime) / slotSeconds)
  const periodOf = (slot: number) => Math.floor(slot / periodSlots)
  const forkOf = (slot: number) => forks.findLast(({ epoch }) => epoch <= Math.floor(slot / slotsPerEpoch)) ?? forks[0]
  const shapeOf = (slot: number) => forkOf(slot)?.shape ?? 'electra'

  function committeeOf(period: number, name = seed): Committee {
    const key = `${name}: ${committeeSize}: ${period}`
    const known = committees.get(key)
    if (known) return known
    const secrets = Array.from({ length: committeeSize }, (_, i) => (BigInt(keccak256(stringToBytes(`${key}: ${i}`))) % (order - 1n)) + 1n)
    const publicOf = (secret: bigint) => bls.G1.ProjectivePoint.BASE.multiply(secret).toRawBytes(true)
    const value = { pubkeys: secrets.map(publicOf), aggregatePubkey: publicOf(sum(secrets)) }
    const made = { secrets, value }
    committees.set(key, made)
    return made
  }

  function stateAt(slot: number, final: Uint8Array, next = committeeOf(periodOf(slot) + 1)): Containers.State {
    return types.state(shapeOf(slot), {
      finalized: final,
      current: committeeOf(periodOf(slot)).value,
      next: next.value,
    })
  }

  function entryOf(slot: number, execution: Containers.Execution): Entry {
    const body = types.body(shapeOf(slot), execution)
    const block = {
      slot,
      proposerIndex: slot % 97,
      parentRoot: filler(`parent ${slot}`),
      stateRoot: stateAt(slot, filler('none')).root,
      bodyRoot: body.root,
    }
    return { slot, block, execution, branch: body.execution }
  }

  /** Takes over what the chain calls final, if there is a slot for it. */
  async function observe(): Promise<void> {
    const execution = await finalOf(target)
    const last = entries.at(-1)
    const slot = slotNow() - 2
    if (last && (last.slot >= slot || last.execution.blockNumber >= execution.blockNumber)) return
    entries.push(entryOf(slot, diverged ? another(execution) : execution))
  }

  /** What was signed in a slot, of the block before it. */
  function updateOf(final: Entry, signatureSlot: number): Record<string, unknown> {
    const slot = signatureSlot - 1
    const made = lie === 'unsigned' ? entryOf(final.slot, another(final.execution)) : final
    const state = stateAt(slot, types.rootOf(made.block))
    const body = types.body(shapeOf(slot), made.execution)
    const attested = {
      ...{ slot, proposerIndex: slot % 97, parentRoot: filler(`parent ${slot}`) },
      ...{ stateRoot: state.root, bodyRoot: body.root },
    }
    const period = periodOf(signatureSlot)
    const { secrets } = lie === 'committee' || lie === 'unsigned' ? committeeOf(period, 'others') : committeeOf(period)
    const share = lie === 'half' ? committeeSize / 2 : lie === 'bits' ? Math.ceil((2 * committeeSize) / 3) : committeeSize - 1
    const bits = Array.from({ length: committeeSize }, (_, i) => i < share)
    const version = lie === 'fork' ? '0x09000009' : (forkOf(signatureSlot - 1)?.version ?? '0x00000000')
    const message = types.signingRoot({ block: attested, version, genesisValidatorsRoot })
    const signature = bls.sign(message, bytesOf(sum(secrets.slice(0, share))), { DST })
    const next = lie === 'next' ? committeeOf(periodOf(slot) + 1, 'others') : committeeOf(periodOf(slot) + 1)
    const shown =
      lie === 'finality'
        ? entryOf(final.slot, another(final.execution))
        : lie === 'execution'
          ? { ...made, execution: another(made.execution) }
          : made
    return {
      attested_header: headerOf({ block: attested, execution: made.execution, branch: body.execution }),
      finalized_header: headerOf(shown),
      finality_branch: state.branches.finalized,
      sync_aggregate: {
        sync_committee_bits: bitsOf(lie === 'bits' ? bits.map(() => true) : bits),
        sync_committee_signature: bytesToHex(signature),
      },
      signature_slot: `${signatureSlot}`,
      next_sync_committee: types.toJson.committee(next.value),
      next_sync_committee_branch: state.branches.next,
    }
  }

  function headerOf({ block, execution, branch }: Omit<Entry, 'slot'>): Record<string, unknown> {
    return { beacon: types.toJson.block(block), execution: types.toJson.execution(execution), execution_branch: branch }
  }

  function bootstrapOf(entry: Entry): Record<string, unknown> {
    const { branches } = stateAt(entry.slot, filler('none'))
    return {
      header: headerOf(entry),
      current_sync_committee: types.toJson.committee(committeeOf(periodOf(entry.slot)).value),
      current_sync_committee_branch: branches.current,
    }
  }

  /** The last update of a period, as far as it has come; null where it has no block that was signed in it. */
  function periodUpdate(period: number): Record<string, unknown> | null {
    const signatureSlot = Math.min((period + 1) * periodSlots - 1, slotNow())
    const first = period * periodSlots
    if (signatureSlot < first + 1) return null
    const own = entries.findLast(({ slot }) => periodOf(slot) === period && slot < signatureSlot)
    const before = entries.findLast(({ slot }) => slot <= first) ?? entries[0]
    if (own) return updateOf(own, signatureSlot)
    return before ? updateOf(entryOf(first, before.execution), signatureSlot) : null
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1
    const json = (status: number, value: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (lie === 'hang') return
    if (lie === 'silent') return json(503, { code: 503, message: 'Beacon node is currently syncing' })
    await observe()
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const path = pathname.replace('/eth/v1/beacon/light_client/', '')
    const version = shapeOf(slotNow())
    if (path === 'finality_update') {
      const final = lie === 'old' ? entries[0] : entries.at(-1)
      if (!final) return json(404, { code: 404, message: 'LC finality update unavailable' })
      const { next_sync_committee: _, next_sync_committee_branch: __, ...data } = updateOf(final, slotNow() + (lie === 'future' ? 10 : 0))
      return json(200, { version, data })
    }
    if (path === 'updates') {
      const [from, count] = [Number(searchParams.get('start_period')), Number(searchParams.get('count'))]
      const updates = Array.from({ length: count }, (_, i) => periodUpdate(from + i))
      return json(
        200,
        updates.flatMap((data) => (data ? [{ version, data }] : [])),
      )
    }
    const entry = entries.find(({ block }) => `bootstrap/${bytesToHex(types.rootOf(block))}` === path)
    return entry ? json(200, { version, data: bootstrapOf(entry) }) : json(404, { code: 404, message: 'LC bootstrap unavailable' })
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await observe()
  const [first] = entries
  if (!first) throw new Error('the chain has a final block')
  const { url, stop } = await Loopback.listen(server)
  return {
    url,
    description: {
      beacons: [{ id: `${seed} node`, url }],
      checkpoint: bytesToHex(types.rootOf(first.block)),
      ...{ genesisValidatorsRoot, genesisTime, slotSeconds, slotsPerEpoch, epochsPerPeriod, committeeSize, forks },
    },
    become: (next) => {
      lie = next
    },
    diverge: () => {
      diverged = true
    },
    requests: () => requests,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

export declare namespace start {
  type Options = {
    readonly target: string
    readonly seed?: string
    readonly committeeSize?: number
    readonly slotSeconds?: number
    readonly nowMs?: () => number
    readonly forks?: Description['forks']
  }
}

/** The block that the chain calls final, as an execution payload's header. Roots of lists are the chain's own: nothing here is held against them. */
async function finalOf(target: string): Promise<Containers.Execution> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: ['finalized', false] })
  const response = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const { result } = (await response.json()) as { readonly result: Readonly<Record<string, Hex>> }
  const bytes = (name: string) => hexToBytes(result[name] ?? `0x${'00'.repeat(32)}`)
  const number = (name: string) => Number(result[name] ?? 0)
  return {
    parentHash: bytes('parentHash'),
    feeRecipient: bytes('miner'),
    stateRoot: bytes('stateRoot'),
    receiptsRoot: bytes('receiptsRoot'),
    logsBloom: bytes('logsBloom'),
    prevRandao: bytes('mixHash'),
    blockNumber: number('number'),
    gasLimit: number('gasLimit'),
    gasUsed: number('gasUsed'),
    timestamp: number('timestamp'),
    extraData: bytes('extraData'),
    baseFeePerGas: BigInt(result['baseFeePerGas'] ?? 0),
    blockHash: bytes('hash'),
    transactionsRoot: bytes('transactionsRoot'),
    withdrawalsRoot: bytes('withdrawalsRoot'),
    blobGasUsed: BigInt(result['blobGasUsed'] ?? 0),
    excessBlobGas: BigInt(result['excessBlobGas'] ?? 0),
  }
}

/** Another block of the same number. */
function another(execution: Containers.Execution): Containers.Execution {
  return { ...execution, blockHash: hexToBytes(keccak256(execution.blockHash)), stateRoot: hexToBytes(keccak256(execution.stateRoot)) }
}

function filler(text: string): Uint8Array {
  return hexToBytes(keccak256(stringToBytes(text)))
}

function sum(secrets: readonly bigint[]): bigint {
  return secrets.reduce((all, secret) => (all + secret) % order, 0n)
}

function bytesOf(secret: bigint): Uint8Array {
  return hexToBytes(`0x${secret.toString(16).padStart(64, '0')}`)
}

/** The first of eight is the lowest bit of its byte. */
function bitsOf(bits: readonly boolean[]): Hex {
  const bytes = new Uint8Array(bits.length / 8)
  for (const [i, bit] of bits.entries()) if (bit) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
  return bytesToHex(concatBytes([bytes]))
}
