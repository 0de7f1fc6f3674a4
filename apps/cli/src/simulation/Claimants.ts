/** Venues that claim losses from vaults, those who let them, and those who pay what is due or stop it. */
import { Settlement } from '@plimsoll/contracts'
import { Fixed } from '@plimsoll/margin'
import { Ledger } from '@plimsoll/store'
import * as Claims from './Claims.ts'
import * as Course from './Course.ts'
import * as Harbour from './Harbour.ts'
import type * as Invariants from './Invariants.ts'
import * as Venue from './Venue.ts'
import * as World from './World.ts'

type Hex = `0x${string}`

/** A claim that was posted, and what it is worth to the venue. */
type Posted = { readonly id: Hex; readonly dock: World.Dock; readonly pier: World.Pier; readonly account: Hex; readonly credit: bigint }

const venueIdOf = ({ chain, address }: World.Pier): Hex => Settlement.venueId(chain.chainId, address)
const escrowOf = ({ chain: { chainId } }: World.Pier): Hex => `0x${chainId.toString(16).padStart(40, 'e')}`

export function steps(course: Course.Course): Course.Steps {
  const { database, pick } = course
  const posted: Posted[] = []
  /** Money at a venue whose block is not final yet. */
  const brought: { readonly id: Hex; readonly pier: World.Pier; readonly number: bigint }[] = []
  return {
    escrow: { weight: 2, run: async () => enable(course) },
    claim: { weight: 3, run: () => claim(course, posted) },
    resolve: {
      weight: 3,
      run: async () => {
        const queued = posted.filter(({ id, dock }) => dock.chain.latest().state.claims.get(id)?.status === 'queued')
        const all = queued.length > 0 && course.random.uniform() < 0.8 ? queued : posted
        const [one] = all.length === 0 ? [] : [pick(all)]
        if (one !== undefined && resolve(course, one)) brought.push({ id: one.id, pier: one.pier, number: one.pier.chain.latest().number })
        return course.watch.money()
      },
    },
    cover: {
      weight: 2,
      run: async () => {
        const [one] = brought
        if (one === undefined || one.number > one.pier.chain.final().number) return []
        brought.shift()
        const venue = { chainId: one.pier.chain.chainId, address: one.pier.address }
        const count = await Ledger.cover(database, { venue, block: { number: one.pier.chain.final().number }, settlementIds: [one.id] })
        course.note(`covered ${count}`)
        return []
      },
    },
  }
}

/** A depositor says how much a venue may claim; now and then somebody else's pocket, or less than before. */
function enable(course: Course.Course): readonly Invariants.Violation[] {
  const { world, random, note, pick, whole } = course
  const { account, pier } = Course.seat(course)
  const { chain } = pick(world.docks)
  const venue = { chainId: pier.chain.chainId, address: pier.address }
  const { amount } = Harbour.berth(chain.latest().state, account)
  const cap = (amount * BigInt(whole(5))) / 2n
  const escrow: Hex = random.uniform() < 0.9 ? escrowOf(pier) : account
  const word = { account, venueId: venueIdOf(pier), escrow, cap }
  note(chain.send(world.now, { kind: 'enableEscrow', word, venue }) ? 'escrow enabled' : 'escrow fixed')
  return []
}

/** A venue claims an account's loss, if the ledger lets it; now and then it posts more than it was given. */
async function claim(course: Course.Course, posted: Posted[]): Promise<readonly Invariants.Violation[]> {
  const { world, database, random, note, pick, whole } = course
  const lets = (dock: World.Dock, at: Course.Seat) => {
    const { cap, used } = Claims.escrow(dock.chain.latest().state, at.account, venueIdOf(at.pier))
    return cap > used
  }
  const seat = Course.likely(course, (at) => world.docks.some((dock) => lets(dock, at)))
  const { owner, account, pier } = seat
  const dock = world.docks.find((it) => lets(it, seat)) ?? pick(world.docks)
  const { asset, chain } = dock
  const venue = { chainId: pier.chain.chainId, address: pier.address }
  const { amount: held } = Harbour.berth(chain.latest().state, account)
  const amount = held / BigInt(4 + whole(400))
  if (amount === 0n) return []
  const id = Course.id(course)
  const credit = Course.worth(course, asset, amount)
  const deadline = world.now + 60 + whole(600)
  const request = { settlementId: id, participantId: owner.participantId, account, venue, chainId: chain.chainId, vault: asset.vault }
  let encumbrance = 0n
  try {
    const ordered = await Ledger.order(database, { ...request, credit, deadline, bodyHash: id }, async (state) => {
      encumbrance = Fixed.mulDiv(amount, state.encumbrance, credit, 'down')
      return { status: 'order', signatures: ['0x01'] }
    })
    note(ordered.status)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    note(`claim ${String(error.code)}`)
    return []
  }
  const late = random.uniform() < 0.1
  const escrow: Hex = random.uniform() < 0.9 ? escrowOf(pier) : '0x000000000000000000000000000000000000bad0'
  const order = { id, account, amount, venueId: venueIdOf(pier), escrow, encumbrance, deadline }
  const taken = chain.send(world.now, { kind: 'queueSettlement', order: late ? { ...order, deadline: world.now - 1 } : order, venue })
  note(taken ? 'claim queued' : 'claim refused')
  posted.push({ id, dock, pier, account, credit })
  if (posted.length > 20) posted.shift()
  return []
}

/** Pays, stops or lapses one, whether it is time or not. @returns whether money was brought to the venue. */
function resolve(course: Course.Course, { id, dock, pier, account, credit }: Posted): boolean {
  const { world, random, note, pick } = course
  const { chain } = dock
  // Now and then somebody waits for one, as a keeper would.
  const claim = chain.latest().state.claims.get(id)
  if (claim?.status === 'queued' && claim.readyAt > world.now && random.uniform() < 0.3) World.pass(world, claim.readyAt - world.now)
  const kind = pick(['paySettlement', 'paySettlement', 'paySettlement', 'vetoSettlement', 'lapseSettlement'] as const)
  const taken = chain.send(world.now, { kind, id })
  note(`${kind} ${taken}`)
  if (!taken || kind !== 'paySettlement') return false
  const before = Venue.balance(pier.chain.latest().state, account).unsettledLoss
  if (!Course.put(course, pier, { kind: 'coverLoss', account, amount: credit })) return false
  const paid = before - Venue.balance(pier.chain.latest().state, account).unsettledLoss
  world.flows.set(pier.chain.chainId, (world.flows.get(pier.chain.chainId) ?? 0n) + paid)
  return true
}
