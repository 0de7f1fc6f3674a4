/** What a light client has verified: the final blocks, and the committees that sign. Pure: blocks and times come in, nothing is asked. */
import { bytesToHex, concatBytes, hexToBytes } from 'viem'
import { BaseError } from '../BaseError.ts'
import type { Header } from '../Header.ts'
import type { Hex } from '../Hex.ts'
import * as Beacon from './Beacon.ts'
import * as Ssz from './Ssz.ts'
import * as SyncCommittee from './SyncCommittee.ts'

/** An execution block that is final, by two thirds of a committee. */
export type Final = Header & {
  readonly stateRoot: Hex
  /** Of the beacon block that carries it, and that block's root: what a later checkpoint may be. */
  readonly slot: number
  readonly root: Hex
}

/** Where in its state and body a fork's beacon block keeps what is asked for: generalized indices. */
type Shape = { readonly finalized: number; readonly current: number; readonly next: number; readonly execution: number }

const shapes = {
  deneb: { finalized: 105, current: 54, next: 55, execution: 25 },
  electra: { finalized: 169, current: 86, next: 87, execution: 25 },
} as const satisfies Record<string, Shape>

export type Fork = {
  /** Its first. */
  readonly epoch: number
  /** 4 bytes. */
  readonly version: Hex
  readonly shape: keyof typeof shapes
}

/** What is true of a chain, whoever says what. */
export type Terms = {
  readonly genesisTime: number
  readonly genesisValidatorsRoot: Hex
  readonly slotSeconds: number
  readonly slotsPerEpoch: number
  readonly epochsPerPeriod: number
  readonly committeeSize: number
  /** Earliest first. What comes before the first is not read. */
  readonly forks: readonly Fork[]
}

export type LightStore = {
  /** Newest first, one or more. */
  readonly finals: readonly [Final, ...Final[]]
  /** By period. A committee is known one period ahead at most. */
  readonly committees: ReadonlyMap<number, SyncCommittee.SyncCommittee>
}

/** Blocks that are remembered: two hours of them on Ethereum, for sources that lag. */
const REMEMBERED = 20
/** Of what is signed: nothing else that validators sign can be taken for it. */
const DOMAIN_SYNC_COMMITTEE: Hex = '0x07000000'

/**
 * A store that stands on a checkpoint.
 *
 * Source: docs/decisions/0020-a-light-client-says-what-is-final.md.
 *
 * @param args.checkpoint - root of the beacon block that the operator trusts. Everything after stands on it.
 * @throws {InvalidUpdateError} the answer is not about that block, or does not lead to the committee or the execution block that it shows.
 */
export async function from(args: from.Args): Promise<LightStore> {
  const { checkpoint, bootstrap, terms } = args
  const { header, committee, branch } = bootstrap
  const root = Beacon.rootOf(header.block)
  if (bytesToHex(root) !== checkpoint) throw new InvalidUpdateError('it is not the checkpoint')
  const { current } = shapeAt(header.block.slot, terms)
  const leaf = Beacon.committeeRoot(committee)
  if (!Ssz.isBranch({ leaf, branch, index: current, root: hexToBytes(header.block.stateRoot) }))
    throw new InvalidUpdateError('its committee is not that of the checkpoint')
  return {
    finals: [finalOf(header, terms)],
    committees: new Map([[periodOf(header.block.slot, terms), await keysOf(committee)]]),
  }
}

export declare namespace from {
  type Args = { readonly checkpoint: Hex; readonly bootstrap: Beacon.Bootstrap; readonly terms: Terms }
  type ErrorType = InvalidUpdateError
}

export type Next =
  | { readonly status: 'news'; readonly store: LightStore }
  /** Nothing in it is newer than what is known: not verified further. */
  | { readonly status: 'known' }
  /** It is signed by a committee that is not known yet: the updates of the periods before are needed first. */
  | { readonly status: 'ahead'; readonly period: number }

/**
 * The store after one more update: a newer final block, the next committee, or both.
 *
 * Source: docs/decisions/0020-a-light-client-says-what-is-final.md. What is cheap is checked first, the signature last.
 *
 * @param args.asOf - unix seconds: nothing is signed after it.
 * @throws {InvalidUpdateError} anything that an honest node would not send.
 */
export async function next(args: next.Args): Promise<Next> {
  const { store, update, terms, asOf } = args
  const { attested, finalized, bits, signatureSlot } = update
  const [newest] = store.finals
  const period = periodOf(signatureSlot, terms)
  const isNewer = finalized.block.slot > newest.slot
  const learns = update.next !== null && period === periodOf(attested.slot, terms) && !store.committees.has(period + 1)
  if (!isNewer && !learns) return { status: 'known' }
  if (!(signatureSlot > attested.slot && attested.slot >= finalized.block.slot && finalized.block.slot > 0))
    throw new InvalidUpdateError('its slots are out of order')
  if (terms.genesisTime + signatureSlot * terms.slotSeconds > asOf) throw new InvalidUpdateError('it is signed in the future')
  if (3 * bits.filter((bit) => bit).length < 2 * bits.length)
    throw new InvalidUpdateError('less than two thirds of the committee signed it')
  const committee = store.committees.get(period)
  if (!committee) {
    if (period > Math.max(...store.committees.keys())) return { status: 'ahead', period }
    throw new InvalidUpdateError('it is signed by a committee of long ago')
  }

  const shape = shapeAt(attested.slot, terms)
  const root = hexToBytes(attested.stateRoot)
  if (!Ssz.isBranch({ leaf: Beacon.rootOf(finalized.block), branch: update.finality, index: shape.finalized, root }))
    throw new InvalidUpdateError('the block that it calls final is not final by the state that was signed')
  const final = finalOf(finalized, terms)
  // A committee that its chain has not made final in its own period may be replaced.
  const brings = learns && periodOf(finalized.block.slot, terms) === period ? update.next : null
  if (!isNewer && brings === null) return { status: 'known' }
  if (brings !== null && !Ssz.isBranch({ leaf: Beacon.committeeRoot(brings.committee), branch: brings.branch, index: shape.next, root }))
    throw new InvalidUpdateError('its next committee is not that of the state that was signed')
  const message = signingRoot(update, terms)
  if (!SyncCommittee.hasSigned({ committee, bits, signature: hexToBytes(update.signature), message }))
    throw new InvalidUpdateError('its committee did not sign it')

  return {
    status: 'news',
    store: {
      finals: isNewer ? [final, ...store.finals.slice(0, REMEMBERED - 1)] : store.finals,
      // Whoever signs now, and next: that of the period before is not needed again.
      committees: new Map([
        ...[...store.committees].filter(([known]) => known >= period),
        ...(brings === null ? [] : [[period + 1, await keysOf(brings.committee)] as const]),
      ]),
    },
  }
}

export declare namespace next {
  type Args = { readonly store: LightStore; readonly update: Beacon.Update; readonly terms: Terms; readonly asOf: number }
  type ErrorType = InvalidUpdateError
}

/** How long one committee signs, counted from genesis. */
export function periodOf(slot: number, { slotsPerEpoch, epochsPerPeriod }: Terms): number {
  return Math.floor(slot / (slotsPerEpoch * epochsPerPeriod))
}

/** The execution block in a beacon block, where the branch leads to it. */
function finalOf({ block, execution, branch }: Beacon.Carrier, terms: Terms): Final {
  const index = shapeAt(block.slot, terms).execution
  if (!Ssz.isBranch({ leaf: execution.root, branch, index, root: hexToBytes(block.bodyRoot) }))
    throw new InvalidUpdateError('its execution block is not that of its beacon block')
  const { number, hash, parentHash, stateRoot, timestamp } = execution
  return { number, hash, parentHash, stateRoot, timestamp, slot: block.slot, root: bytesToHex(Beacon.rootOf(block)) }
}

async function keysOf(committee: Beacon.Committee): Promise<SyncCommittee.SyncCommittee> {
  try {
    return await SyncCommittee.from(committee)
  } catch {
    throw new InvalidUpdateError('one of its keys is none')
  }
}

/** What a committee signs: the block before its slot, for this chain in the fork of that time. */
function signingRoot({ attested, signatureSlot }: Beacon.Update, terms: Terms): Uint8Array {
  const { version } = forkAt(signatureSlot - 1, terms)
  const forkData = Ssz.root([Ssz.vector(version), hexToBytes(terms.genesisValidatorsRoot)])
  const domain = concatBytes([hexToBytes(DOMAIN_SYNC_COMMITTEE), forkData.subarray(0, 28)])
  return Ssz.root([Beacon.rootOf(attested), domain])
}

function shapeAt(slot: number, terms: Terms): Shape {
  return shapes[forkAt(slot, terms).shape]
}

function forkAt(slot: number, { forks, slotsPerEpoch }: Terms): Fork {
  const fork = forks.findLast(({ epoch }) => epoch <= Math.floor(slot / slotsPerEpoch))
  if (!fork) throw new InvalidUpdateError(`slot ${slot} is before every fork that is known`)
  return fork
}

/** Thrown when a beacon node answers what no honest one would. */
export class InvalidUpdateError extends BaseError {
  override readonly name = 'LightStore.InvalidUpdateError'
  readonly detail: string

  constructor(detail: string) {
    super({
      code: 'LIGHT_UPDATE_INVALID',
      message: `A beacon node's answer is refused: ${detail}.`,
      hint: 'Compare the checkpoint, the forks and the chain in the configuration with what other nodes say; else replace this one.',
    })
    this.detail = detail
  }
}
