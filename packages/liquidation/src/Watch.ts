/**
 * Who is liquidated, tick by tick, without looking at everybody: an account is looked at only when some price has moved as far as its safe radius.
 * No account that fails is ever missed. A watch is the one thing in this package that changes in place.
 */
import * as Columns from './Columns.ts'
import * as Figure from './Figure.ts'

export type Options = {
  /** Accounts with a larger radius are far, and not looked at before an anchor is moved. A share, such as 0.08. */
  readonly reach: number
  /** How many accounts a tick may look at before the near ones are anchored anew. */
  readonly budget: number
  /** How many accounts are anchored anew in one tick, so that none stalls. */
  readonly slice: number
}

/** Anchored accounts by radius: `head[b]` is the first of a bucket and `next` the one after, −1 the end. */
type Lists = { readonly anchor: Float64Array; readonly head: Int32Array; readonly next: Int32Array }

/** A walk over accounts that anchors them at one price vector, a slice at a time. */
type Walk = { readonly lists: Lists; readonly whole: boolean; readonly near: Int32Array; size: number; at: number }

export type Watch = {
  readonly columns: Columns.Columns
  readonly options: Options
  readonly alive: Uint8Array
  /** Anchor of all accounts, and who was near at it. */
  far: Float64Array
  near: Int32Array
  size: number
  /** Anchor of the near ones. */
  lists: Lists
  walk: Walk | null
  spare: { next: Int32Array; near: Int32Array }
  readonly looked: Stats
}

/** What the ticks so far have cost. `stalls`: ticks that had to anchor everything at once. */
export type Stats = { ticks: number; accounts: number; anchored: number; stalls: number }

const buckets = 4_096

/**
 * A watch over columns, anchored at these prices; the columns must not change under it.
 *
 * Source: docs/method/cascade.md, eq. (38).
 *
 * @param ratios - y[k] at the start.
 * @throws {Figure.InvalidFigureError} an option is out of range.
 */
export function of(columns: Columns.Columns, ratios: Float64Array, options: Options): Watch {
  const { reach, budget, slice } = options
  Figure.assert('above 0', { reach, slice, budget })
  Figure.assert('a share below 1', { reach })
  Figure.assert('a whole number of at least 0', { budget, slice })
  const { count } = columns
  const watch: Watch = {
    columns,
    options,
    alive: new Uint8Array(count).fill(1),
    far: ratios.slice(),
    near: new Int32Array(count),
    size: 0,
    lists: { anchor: ratios.slice(), head: new Int32Array(buckets).fill(-1), next: new Int32Array(count) },
    walk: null,
    spare: { next: new Int32Array(count), near: new Int32Array(count) },
    looked: { ticks: 0, accounts: 0, anchored: 0, stalls: 0 },
  }
  start(watch, ratios, true)
  finish(watch)
  return watch
}

/**
 * The accounts that fail at these prices and have not failed before; they are looked at no more.
 *
 * @param ratios - y[k] > 0, of this tick.
 * @returns the numbers of the accounts, in no order.
 */
export function tick(watch: Watch, ratios: Float64Array): readonly number[] {
  const { options, looked } = watch
  looked.ticks++
  const drift = displacement(watch.far, ratios)
  if (drift >= options.reach) stall(watch, ratios, true)
  else if (displacement(watch.lists.anchor, ratios) >= options.reach) stall(watch, ratios, false)

  const before = looked.accounts
  const failed = look(watch, ratios, displacement(watch.lists.anchor, ratios))
  if (watch.walk === null || !watch.walk.whole) {
    // Half way to where the far ones could fail, begin to anchor all: the rest of the way is time to finish.
    if (drift > options.reach / 2) start(watch, ratios, true)
    else if (watch.walk === null && looked.accounts - before > options.budget) start(watch, ratios, false)
  }
  if (watch.walk !== null) step(watch)
  return failed
}

/** Looks at everybody whose radius is within a displacement. */
function look(watch: Watch, ratios: Float64Array, displaced: number): readonly number[] {
  const { columns, alive, lists, options, looked } = watch
  const { head, next } = lists
  const last = Math.min(buckets - 1, bucketOf(displaced, options.reach))
  const failed: number[] = []
  for (let bucket = 0; bucket <= last; bucket++) {
    let before = -1
    for (let i = head[bucket] ?? -1; i >= 0; ) {
      const after = next[i] ?? -1
      looked.accounts++
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
  return failed
}

function start(watch: Watch, ratios: Float64Array, whole: boolean): void {
  const lists = { anchor: ratios.slice(), head: new Int32Array(buckets).fill(-1), next: watch.spare.next }
  watch.walk = { lists, whole, near: watch.spare.near, size: 0, at: 0 }
}

/** Anchors one slice more, and takes the new anchor into use when it was the last. */
function step(watch: Watch): void {
  const { columns, alive, options, walk, looked } = watch
  if (walk === null) return
  const { head, next, anchor } = walk.lists
  const { near } = walk
  const of = walk.whole ? columns.count : watch.size
  // All accounts are read from front to back, the near ones here and there: so many times faster.
  const end = Math.min(of, walk.at + (walk.whole ? 4 : 1) * options.slice)
  for (let at = walk.at; at < end; at++) {
    const i = walk.whole ? at : (watch.near[at] ?? 0)
    if (alive[i] !== 1) continue
    const radius = Columns.radius(columns, i, anchor)
    if (radius < options.reach) {
      const bucket = bucketOf(radius, options.reach)
      next[i] = head[bucket] ?? -1
      head[bucket] = i
      if (walk.whole) near[walk.size++] = i
    }
  }
  looked.anchored += end - walk.at
  walk.at = end
  if (end === of) swap(watch, walk)
}

function swap(watch: Watch, walk: Walk): void {
  watch.spare = { next: watch.lists.next, near: walk.whole ? watch.near : walk.near }
  watch.lists = walk.lists
  if (walk.whole) {
    watch.far = walk.lists.anchor
    watch.near = walk.near
    watch.size = walk.size
  }
  watch.walk = null
}

/** Everything at once: the price has outrun the anchor. */
function stall(watch: Watch, ratios: Float64Array, whole: boolean): void {
  watch.looked.stalls++
  start(watch, ratios, whole)
  finish(watch)
}

function finish(watch: Watch): void {
  while (watch.walk !== null) step(watch)
}

function bucketOf(share: number, reach: number): number {
  return Math.floor((share / reach) * buckets)
}

/** max_k |y'_k / y_k − 1|. */
function displacement(anchor: Float64Array, ratios: Float64Array): number {
  let most = 0
  for (let k = 0; k < anchor.length; k++) {
    const moved = (ratios[k] ?? 1) / (anchor[k] ?? 1) - 1
    const size = moved < 0 ? -moved : moved
    if (size > most) most = size
  }
  return most
}
