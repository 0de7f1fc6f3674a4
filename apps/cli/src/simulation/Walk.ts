/** A random walk through everything that can happen, held against the invariants at every step. The seed is the whole story. */
import { setImmediate } from 'node:timers/promises'
import { Limit } from '@plimsoll/margin'
import { type Database, Participants } from '@plimsoll/store'
import { Random } from '@plimsoll/volatility'
import * as Chain from './Chain.ts'
import * as Claimants from './Claimants.ts'
import type * as Course from './Course.ts'
import * as Depositors from './Depositors.ts'
import * as Gateway from './Gateway.ts'
import * as Invariants from './Invariants.ts'
import * as Keeper from './Keeper.ts'
import type * as Mirror from './Mirror.ts'
import * as Traders from './Traders.ts'
import type * as Venue from './Venue.ts'
import * as Weather from './Weather.ts'
import * as World from './World.ts'

type Hex = `0x${string}`

export type Outcome = {
  readonly seed: number
  readonly steps: number
  /** The step at which the walk stopped, with what was broken; null where nothing was. */
  readonly violation: (Invariants.Violation & { readonly step: number; readonly kind: string }) | null
  /** How often each invariant was looked at. */
  readonly checks: Readonly<Record<Invariants.Code, number>>
  /** What happened, by kind and by answer. */
  readonly events: Readonly<Record<string, number>>
  /** Of the whole walk: two walks of one seed have one. */
  readonly fingerprint: string
}

export type Options = {
  readonly seed: number
  readonly steps: number
  readonly database: (clock: () => number) => Promise<Database.Database>
  readonly machine?:
    | Partial<
        Gateway.Machine & {
          readonly limitOf: Invariants.LimitOf
          readonly venueSees: (sea: Venue.Sea) => Venue.Sea
          /** What a venue keeps of what a call came to. */
          readonly venueKeeps: (state: Venue.Venue) => Venue.Venue
        }
      >
    | undefined
  /** Contracts on chains of their own, to which everything is done that is done to the model. */
  readonly mirror?: Mirror.Mirror | undefined
  readonly progress?: ((done: number) => void) | undefined
}

export const start = 1_800_000_000

/** Walks until the steps are done or something is broken. @throws what no rule foresees: a fault in itself. */
export async function walk(options: Options): Promise<Outcome> {
  const { seed, steps, machine: broken = {}, mirror } = options
  const { limitOf = Limit.of, venueSees, venueKeeps } = broken
  const random = Random.of(seed, 'walk')
  const world = World.of(start, mirror?.places)
  if (venueSees !== undefined) world.sees = (sea, call) => (call.kind === 'liquidate' ? venueSees(sea) : sea)
  if (venueKeeps !== undefined) world.keeps = venueKeeps
  await using database = await options.database(() => world.now)
  const machine: Gateway.Machine = { ...Gateway.machine, ...broken }
  const watch = Invariants.of({ world, random: Random.of(seed, 'watch'), limitOf })
  const owners = await enrol(database)
  // Two gateways on one ledger, each with a snapshot of its own.
  const gateways = [0, 1].map(() => Gateway.open({ world, database, owners: () => owners, machine }))
  const { note, told } = diary(world)
  const whole = (n: number) => Math.floor(random.uniform() * n)
  let last = 0
  const course: Course.Course = {
    ...{ world, random, database, owners, gateways, watch, note, whole },
    traders: owners.slice(0, traders),
    pick: (all) => all[whole(all.length)] as (typeof all)[number],
    serial: () => last++,
    link: machine.link,
  }
  const kinds: Course.Steps = {
    ...Weather.steps(course),
    ...Depositors.steps(course),
    ...Traders.steps(course),
    ...Keeper.steps(course),
    ...Claimants.steps(course),
  }
  const followed = mirror?.follow(world)
  await settle(course)

  let violation: Outcome['violation'] = null
  let step = 0
  for (; step < steps && violation === null; step++) {
    const kind = drawn(kinds, random.uniform())
    note(kind)
    const found = [...((await kinds[kind]?.run()) ?? []), ...watch.same((await followed?.()) ?? [])]
    if (found[0]) violation = { ...found[0], step, kind }
    if (step % 100 === 0) {
      options.progress?.(step)
      // What was awaited until here may all have been done at once: whoever wants to end it is heard now.
      await setImmediate()
    }
  }
  return { seed, steps: step, violation, checks: Object.fromEntries(watch.counts) as Outcome['checks'], ...told() }
}

const [traders, savers] = [5, 2]

/** Five participants who trade, three of them with more than one account; two who save, with six between them. */
async function enrol(database: Database.Database): Promise<readonly Course.Owner[]> {
  const owners: Course.Owner[] = []
  for (let i = 0; i < traders + savers; i++) {
    const first = World.accounts[i] as Hex
    const participantId: Hex = `0x${(i + 1).toString(16).padStart(64, '0')}`
    await Participants.ensure(database, { account: `eip155:0:${first}`, participantId })
    owners.push({ participantId, accounts: [first] })
  }
  for (const [i, account] of World.accounts.slice(traders + savers).entries()) {
    const owner = owners[[0, 1, 2, 0][i] ?? traders + (i % savers)] as Course.Owner
    await Participants.link(database, { participantId: owner.participantId, account: `eip155:0:${account}` })
    owner.accounts.push(account)
  }
  return owners
}

/** Enough in the vaults to begin with, and final. */
async function settle({ world, owners, gateways }: Course.Course): Promise<void> {
  for (const { accounts } of owners)
    for (const account of accounts) world.docks[0]?.chain.send(world.now, { kind: 'deposit', account, amount: 40_000n * 10n ** 6n })
  for (let i = 0; i <= Chain.finality; i++) World.pass(world, 12)
  for (const gateway of gateways) await gateway.tick()
}

/** What happened, counted, and folded into one figure with the time at which it did. */
function diary(world: World.World) {
  const events: Record<string, number> = {}
  let digest = 0
  return {
    note: (event: string) => {
      events[event] = (events[event] ?? 0) + 1
      for (let i = 0; i < event.length; i++) digest = (Math.imul(digest, 31) + event.charCodeAt(i)) >>> 0
      digest = (Math.imul(digest, 31) + world.now) >>> 0
    },
    told: () => ({ events, fingerprint: digest.toString(16).padStart(8, '0') }),
  }
}

/** The kind at a share of all weights. */
function drawn(kinds: Course.Steps, share: number): string {
  const all = Object.entries(kinds)
  let left = share * all.reduce((sum, [, { weight }]) => sum + weight, 0)
  for (const [kind, { weight }] of all) {
    left -= weight
    if (left < 0) return kind
  }
  return all[0]?.[0] as string
}
