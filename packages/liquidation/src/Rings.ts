/** A book in rings around an anchor: accounts by safe radius, so that a move of the prices asks about the innermost ones and nobody else. */
import * as Columns from './Columns.ts'
import * as Figure from './Figure.ts'
import * as Radius from './Radius.ts'

export type Rings = {
  readonly columns: Columns.Columns
  /** What the radii were taken around. */
  readonly around: Radius.Around
  /** The displacement below which nobody outside the rings can fail. */
  readonly reach: number
  /** - numbers[m] of the accounts within reach, innermost ring first: an account's place in this list is its number here. */
  readonly near: Int32Array
  /** - [rings + 1]: ring b lies between `start[b]` and the next. */
  readonly start: Int32Array
  /** What is known of them, next to each other; null where the columns are asked. */
  readonly packed: Packed | null
}

/** - floats[m · width]: cash, weights, and the markets as 16-bit numbers, four a float, which `markets` reads. */
export type Packed = { readonly floats: Float64Array; readonly markets: Uint16Array }

const rings = 4_096

/** Accounts whose sums stay in the nearest cache. */
const block = 4_096

/**
 * The rings of a book around these prices; the columns must not change under them.
 *
 * Source: docs/method/big-books.md, eq. (4) and (8).
 *
 * @param options.reach - accounts with a larger radius are left out. A share, such as 0.25.
 * @param options.gone - [n]: 1 where an account is not asked about any more.
 * @throws {Figure.InvalidFigureError} a price is missing or not positive, the reach is not a share.
 */
export function of(columns: Columns.Columns, around: Radius.Around, { reach, gone }: of.Options): Rings {
  Columns.assert(columns, around.anchor)
  Figure.assert('above 0', { reach })
  Figure.assert('a share below 1', { reach })
  const { count } = columns
  const found = { near: new Int32Array(Math.min(count, block)), radii: new Float64Array(Math.min(count, block)) }
  const accounts = new Int32Array(count)
  const ringOf = new Uint16Array(count)
  const start = new Int32Array(rings + 1)
  let number = 0
  for (let from = 0; from < count; from += block) {
    const some = Radius.within(columns, around, { from, to: Math.min(count, from + block), reach, ...found })
    for (let j = 0; j < some; j++) {
      const account = found.near[j] as number
      if (gone !== undefined && gone[account] === 1) continue
      const ring = ringAt(found.radii[j] as number, reach)
      accounts[number] = account
      ringOf[number++] = ring
      start[ring + 1] = (start[ring + 1] as number) + 1
    }
  }
  for (let ring = 0; ring < rings; ring++) start[ring + 1] = (start[ring + 1] as number) + (start[ring] as number)
  const near = new Int32Array(number)
  const next = start.slice()
  for (let j = 0; j < number; j++) {
    const ring = ringOf[j] as number
    const place = next[ring] as number
    near[place] = accounts[j] as number
    next[ring] = place + 1
  }
  return { columns, around, reach: Radius.outer(reach), near, start, packed: null }
}

export declare namespace of {
  type Options = { readonly reach: number; readonly gone?: Uint8Array }
  type ErrorType = Figure.InvalidFigureError
}

/** The ring of a radius, and of a displacement: it never falls, so an inner ring has a smaller radius. */
function ringAt(share: number, reach: number): number {
  return Math.min(rings - 1, Math.floor((share / reach) * rings))
}

/**
 * How many, from the front of `near`, have to be asked at a displacement; all others are safe.
 *
 * @param displaced - rounded up, below `reach`.
 */
export function inside({ start, reach }: Rings, displaced: number): number {
  return start[ringAt(displaced, reach) + 1] as number
}

/**
 * The same rings with a copy of whoever is in them, in their order: dear to make, and several times faster to ask, because looking here and there
 * costs more than looking.
 */
export function pack(rings: Rings): Rings {
  const { near, columns } = rings
  const { count, slots, cash, market, weight } = columns
  const wide = width(slots)
  const floats = new Float64Array(near.length * wide)
  const markets = new Uint16Array(floats.buffer)
  for (let place = 0; place < near.length; place++) {
    const account = near[place] as number
    const to = place * wide
    floats[to] = cash[account] as number
    for (let slot = 0; slot < slots; slot++) {
      floats[to + 1 + slot] = weight[slot * count + account] as number
      markets[4 * (to + 1 + slots) + slot] = market[slot * count + account] as number
    }
  }
  return { ...rings, packed: { floats, markets } }
}

/** Floats of one record. */
function width(slots: number): number {
  return 1 + slots + Math.ceil(slots / 4)
}

/**
 * How long the path of the prices may still grow before each of a list of places has to be asked again; −1 for who fails by `Columns.health`, to its
 * last digit.
 *
 * @param here - the paces of the rings, around the prices of now.
 * @param asked.places - [≥ count].
 * @param asked.paths - [≥ count]: written here.
 */
export function ask(rings: Rings, here: Radius.Around, asked: Asked): void {
  const { columns, packed } = rings
  if (packed === null) askColumns(rings, here, asked)
  else if (columns.slots === 4) askPackedOfFour(packed, here, asked)
  else askPacked(packed, here, { ...asked, slots: columns.slots })
}

export type Asked = { readonly places: Int32Array; readonly count: number; readonly paths: Float64Array }

function askColumns({ columns, near }: Rings, here: Radius.Around, { places, count, paths }: Asked): void {
  for (let j = 0; j < count; j++) {
    const account = near[places[j] as number] as number
    paths[j] = Columns.health(columns, account, here.anchor) <= 0 ? -1 : Radius.pathOf(columns, account, here)
  }
}

/** `Columns.sell` of whoever has this place. */
export function sell({ columns, near, packed }: Rings, place: number, flows: Float64Array): void {
  const { slots, exposure } = columns
  const account = near[place] as number
  if (packed === null) {
    Columns.sell(columns, account, flows)
    return
  }
  const named = 4 * (place * width(slots) + 1 + slots)
  for (let slot = 0; slot < slots; slot++) {
    const k = packed.markets[named + slot] as number
    flows[k] = (flows[k] as number) - (exposure[account * slots + slot] as number)
  }
}

function askPacked(
  { floats, markets }: Packed,
  here: Radius.Around,
  { slots, places, count, paths }: Asked & { readonly slots: number },
): void {
  const { anchor, sway, tilt } = here
  const wide = width(slots)
  const off = Radius.slack(slots, here)
  for (let j = 0; j < count; j++) {
    const own = (places[j] as number) * wide
    const named = 4 * (own + 1 + slots)
    const constant = floats[own] as number
    let left = constant
    let most = 0
    for (let slot = 0; slot < slots; slot++) {
      const w = floats[own + 1 + slot] as number
      const k = markets[named + slot] as number
      left += w * (anchor[k] as number)
      most += Math.abs(w) * (sway[k] as number) + w * (tilt[k] as number)
    }
    paths[j] = left <= 0 ? -1 : Radius.path(left, most, off * (Math.abs(constant) + most))
  }
}

/** The same for four slots, without the inner loop. */
function askPackedOfFour({ floats, markets }: Packed, here: Radius.Around, { places, count, paths }: Asked): void {
  const { anchor, sway, tilt } = here
  const off = Radius.slack(4, here)
  for (let j = 0; j < count; j++) {
    const own = (places[j] as number) * 6
    const named = 4 * own + 20
    const constant = floats[own] as number
    const a = floats[own + 1] as number
    const b = floats[own + 2] as number
    const c = floats[own + 3] as number
    const d = floats[own + 4] as number
    const k = markets[named] as number
    const l = markets[named + 1] as number
    const m = markets[named + 2] as number
    const n = markets[named + 3] as number
    const left = constant + a * (anchor[k] as number) + b * (anchor[l] as number) + c * (anchor[m] as number) + d * (anchor[n] as number)
    const most =
      Math.abs(a) * (sway[k] as number) +
      a * (tilt[k] as number) +
      (Math.abs(b) * (sway[l] as number) + b * (tilt[l] as number)) +
      (Math.abs(c) * (sway[m] as number) + c * (tilt[m] as number)) +
      (Math.abs(d) * (sway[n] as number) + d * (tilt[n] as number))
    const bound = off * (Math.abs(constant) + most)
    paths[j] = left <= 0 ? -1 : Radius.path(left, most, bound)
  }
}
