/**
 * Who is liquidated, tick by tick, without asking everybody: an account is asked only when some price has moved as far as its safe radius. No account
 * that fails is ever missed. A watch is the one thing in this package that changes in place.
 */
import * as Columns from './Columns.ts'
import * as Figure from './Figure.ts'
import * as Radius from './Radius.ts'

export type Options = {
  /** Accounts with a larger radius are far, and not asked before an anchor is moved. A share, such as 0.08. */
  readonly reach: number
  /** How many accounts a tick may ask before the near ones are anchored anew. */
  readonly budget: number
  /** How many accounts are anchored anew in one tick, read in a row, so that none stalls; of the near ones, read here and there, a quarter. */
  readonly slice: number
}

/** Anchored accounts by radius: `head[b]` is the first of a bucket and `next` the one after, −1 the end. */
type Lists = { readonly around: Radius.Around; readonly head: Int32Array; readonly next: Int32Array }

/** A walk over accounts that anchors them at one price vector, a slice at a time. */
type Walk = { readonly lists: Lists; readonly whole: boolean; readonly near: Int32Array; size: number; at: number }

export type Watch = {
  readonly columns: Columns.Columns
  readonly options: Options
  readonly alive: Uint8Array
  /** Anchor of all accounts, and who was near at it. */
  far: Radius.Around
  near: Int32Array
  size: number
  /** Anchor of the near ones. */
  lists: Lists
  walk: Walk | null
  /** Arrays for lists to come. */
  readonly spare: { readonly next: Int32Array[]; readonly near: Int32Array[] }
  readonly scratch: { readonly near: Int32Array; readonly radii: Float64Array }
  readonly cost: Cost
}

/** What the ticks so far have cost: accounts asked and anchored, and how often the near ones (`rushes`) or all (`reads`) were anchored at once. */
export type Cost = { ticks: number; asked: number; anchored: number; rushes: number; reads: number }

const buckets = 4_096

const block = 4_096

/** A tick that would ask a larger part of all accounts here and there anchors the near ones at once instead. */
const most = 1 / 64

/** Unless they are a larger part than this: then it is quicker to read everybody from front to back. */
const few = 1 / 8

/**
 * A watch over columns, anchored at these prices; the columns must not change under it.
 *
 * Source: docs/method/big-books.md, eq. (4).
 *
 * @param ratios - y[k] at the start.
 * @throws {Figure.InvalidFigureError} an option is out of range, a price is missing or not positive.
 */
export function of(columns: Columns.Columns, ratios: Float64Array, options: Options): Watch {
  const { reach, budget, slice } = options
  Figure.assert('above 0', { reach, slice, budget })
  Figure.assert('a share below 1', { reach })
  Figure.assert('a whole number of at least 0', { budget, slice })
  Columns.assert(columns, ratios)
  const { count } = columns
  const around = Radius.around(ratios.slice())
  const watch: Watch = {
    ...{ columns, options, alive: new Uint8Array(count).fill(1), far: around, near: new Int32Array(count), size: 0, walk: null },
    lists: { around, head: new Int32Array(buckets).fill(-1), next: new Int32Array(count) },
    spare: { next: [new Int32Array(count), new Int32Array(count)], near: [new Int32Array(count)] },
    scratch: { near: new Int32Array(block), radii: new Float64Array(block) },
    cost: { ticks: 0, asked: 0, anchored: 0, rushes: 0, reads: 0 },
  }
  anchorAll(watch, ratios)
  watch.cost.reads = 0
  return watch
}

/**
 * The accounts that fail at these prices and have not failed before; they are asked no more.
 *
 * @param ratios - y[k] of this tick.
 * @returns the numbers of the accounts, in no order.
 * @throws {Figure.InvalidFigureError} a price is missing or not positive.
 */
export function tick(watch: Watch, ratios: Float64Array): readonly number[] {
  const { options, columns, cost } = watch
  Columns.assert(columns, ratios)
  cost.ticks++
  const outer = Radius.outer(options.reach)
  let drift = Radius.displacement(watch.far, ratios)
  if (drift >= outer || Radius.displacement(watch.lists.around, ratios) >= outer) drift = anchorAll(watch, ratios)

  const failed: number[] = []
  const before = cost.asked
  if (!ask(watch, ratios, failed)) {
    if (watch.size < columns.count * few) anchorNear(watch, ratios)
    else drift = anchorAll(watch, ratios)
    ask(watch, ratios, failed)
  }
  // Half way to where the far ones could fail, begin to anchor all: the rest of the way is time to finish.
  if (drift > options.reach / 2) {
    if (watch.walk === null || !watch.walk.whole) start(watch, ratios, true)
  } else if (watch.walk === null && cost.asked - before > options.budget) start(watch, ratios, false)
  if (watch.walk !== null) step(watch, watch.walk.whole ? options.slice : Math.ceil(options.slice / 4))
  return failed
}

/** Asks everybody whose radius is within the displacement; false where they are too many, and those found so far are told. */
function ask(watch: Watch, ratios: Float64Array, failed: number[]): boolean {
  const { columns, alive, lists, options, cost } = watch
  const { head, next } = lists
  const limit = cost.asked + Math.max(1_024, columns.count * most)
  const last = bucketOf(Radius.displacement(lists.around, ratios), options.reach)
  for (let bucket = 0; bucket <= last; bucket++) {
    let before = -1
    for (let i = head[bucket] as number; i >= 0; ) {
      if (bucket > 0 && cost.asked >= limit) return false
      const after = next[i] as number
      cost.asked++
      if (alive[i] === 1 && Columns.health(columns, i, ratios) > 0) before = i
      else {
        // Failed now, or at a tick before while it was being anchored.
        if (alive[i] === 1) failed.push(i)
        alive[i] = 0
        if (before < 0) head[bucket] = after
        else next[before] = after
      }
      i = after
    }
  }
  return true
}

function start(watch: Watch, ratios: Float64Array, whole: boolean): void {
  const { walk, spare } = watch
  if (walk !== null) cancel(watch, walk)
  const lists = { around: Radius.around(ratios.slice()), head: new Int32Array(buckets).fill(-1), next: spare.next.pop() as Int32Array }
  watch.walk = { lists, whole, near: whole ? (spare.near.pop() as Int32Array) : watch.near, size: 0, at: 0 }
}

function cancel({ spare }: Watch, { lists, whole, near }: Walk): void {
  spare.next.push(lists.next)
  if (whole) spare.near.push(near)
}

/** Anchors so many accounts more, and takes the new anchor into use when they were the last. */
function step(watch: Watch, slice: number): void {
  const { columns, alive, options, walk, scratch, cost } = watch
  if (walk === null) return
  const { lists, near, whole } = walk
  const of = whole ? columns.count : watch.size
  const end = Math.min(of, walk.at + slice)
  for (let from = walk.at; from < end; from += block) {
    const to = Math.min(end, from + block)
    if (whole) {
      const found = Radius.within(columns, lists.around, { from, to, reach: options.reach, ...scratch })
      for (let j = 0; j < found; j++) {
        const i = scratch.near[j] as number
        if (alive[i] !== 1) continue
        put(lists, i, bucketOf(scratch.radii[j] as number, options.reach))
        near[walk.size++] = i
      }
    } else
      for (let at = from; at < to; at++) {
        const i = watch.near[at] as number
        const radius = Radius.of(columns, i, lists.around)
        if (alive[i] === 1 && radius < options.reach) put(lists, i, bucketOf(radius, options.reach))
      }
  }
  cost.anchored += end - walk.at
  walk.at = end
  if (end === of) swap(watch, walk)
}

function put({ head, next }: Lists, account: number, bucket: number): void {
  next[account] = head[bucket] as number
  head[bucket] = account
}

function swap(watch: Watch, walk: Walk): void {
  watch.spare.next.push(watch.lists.next)
  watch.lists = walk.lists
  if (walk.whole) {
    watch.spare.near.push(watch.near)
    watch.far = walk.lists.around
    watch.near = walk.near
    watch.size = walk.size
  }
  watch.walk = null
}

/** The near ones at once, without waiting for a walk over everybody that is on its way. */
function anchorNear(watch: Watch, ratios: Float64Array): void {
  watch.cost.rushes++
  const whole = watch.walk?.whole === true ? watch.walk : null
  if (whole !== null) watch.walk = null
  start(watch, ratios, false)
  step(watch, watch.size)
  watch.walk = whole
}

/** Everybody at once, from front to back: a price has outrun the anchor, and anybody may have failed. */
function anchorAll(watch: Watch, ratios: Float64Array): number {
  watch.cost.reads++
  start(watch, ratios, true)
  step(watch, watch.columns.count)
  return Radius.displacement(watch.far, ratios)
}

/** Never falls with the share, so that an account outside has a larger radius. */
function bucketOf(share: number, reach: number): number {
  return Math.min(buckets - 1, Math.floor((share / reach) * buckets))
}
