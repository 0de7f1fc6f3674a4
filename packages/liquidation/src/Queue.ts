/** Accounts by how near they are to failing, kept in order while keys change: a heap that is asked for everybody beyond a bar. */
import * as Figure from './Figure.ts'

/** Entries 0…n−1. A key of −∞ is an entry that is out. Changed in place by `place`. */
export type Queue = {
  readonly keys: Float64Array
  /** - the heap: entry at each place. Its parent's key is never smaller. */
  readonly heap: Int32Array
  /** - place of each entry. */
  readonly places: Int32Array
}

/**
 * The queue of entries with these keys. Keys are copied.
 *
 * @param keys - no NaN.
 */
export function of(keys: ArrayLike<number>): Queue {
  const count = keys.length
  const own = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const key = keys[i] as number
    if (Number.isNaN(key)) throw new Figure.InvalidFigureError({ figure: `key ${i}`, value: key, range: 'a number' })
    own[i] = key
  }
  const queue = {
    keys: own,
    heap: Int32Array.from({ length: count }, (_, i) => i),
    places: Int32Array.from({ length: count }, (_, i) => i),
  }
  for (let place = (count >>> 1) - 1; place >= 0; place--) sink(queue, place)
  return queue
}

export declare namespace of {
  type ErrorType = Figure.InvalidFigureError
}

/** Entries whose key is at least `bar`, in an order that the heap determines. Looks at twice as many places as it returns, and one more. */
export function above({ keys, heap }: Queue, bar: number): readonly number[] {
  const found: number[] = []
  const next = [0]
  for (let place = next.pop(); place !== undefined; place = next.pop()) {
    if (place >= heap.length) continue
    const entry = heap[place] as number
    if (!((keys[entry] as number) >= bar)) continue
    found.push(entry)
    next.push(2 * place + 1, 2 * place + 2)
  }
  return found
}

/** Gives an entry another key. */
export function place(queue: Queue, entry: number, key: number): void {
  const { keys, heap, places } = queue
  keys[entry] = key
  let at = places[entry] as number
  while (at > 0) {
    const parent = (at - 1) >>> 1
    const above = heap[parent] as number
    if ((keys[above] as number) >= key) break
    heap[at] = above
    places[above] = at
    at = parent
  }
  heap[at] = entry
  places[entry] = at
  sink(queue, at)
}

/** Lets an entry fall to where both below it are smaller. */
function sink({ keys, heap, places }: Queue, from: number): void {
  const entry = heap[from] as number
  const key = keys[entry] as number
  let at = from
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && (keys[heap[child + 1] as number] as number) > (keys[heap[child] as number] as number)) child++
    const below = heap[child] as number
    if ((keys[below] as number) <= key) break
    heap[at] = below
    places[below] = at
    at = child
  }
  heap[at] = entry
  places[entry] = at
}
