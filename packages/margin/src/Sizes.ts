/** Sizes of many accounts in columns, laid out for the loop that sums them: `Σ w_k · P_k` of a block of accounts at a time. */

export type Sizes = {
  /** Columns that many hold: a size for everybody. */
  readonly dense: readonly Dense[]
  /** Columns that few hold: their sizes, block by block and in a block column by column. */
  readonly sparse: Sparse
}

/** `size` - [A], float64, signed; 0 for who does not hold it. */
export type Dense = { readonly column: number; readonly size: Float64Array }

/**
 * `size` - [lines], float64; `account` - [lines], uint16, within its block; the lines of block b in the j-th sparse column lie between
 * `start[b·J + j]` and the next.
 */
export type Sparse = {
  readonly columns: readonly number[]
  readonly size: Float64Array
  readonly account: Uint16Array
  readonly start: Uint32Array
}

/** Who holds a column, ascending, and how much. */
export type Held = { readonly accounts: number[]; readonly sizes: number[] }

/** Accounts of a block share a bound, and their sums, 128 KiB, stay in a cache that is a core's own: smaller blocks measured slower. */
export const blockSize = 16_384

/** A column that at least one account in four holds is dense: a zero costs a quarter of a line that has to be looked up. */
const denseShare = 0.25

/**
 * The columns of a book, each dense or sparse.
 *
 * Source: docs/method/screen.md, "Layout".
 *
 * @param held - by the number of the column.
 * @param count - of accounts.
 */
export function of(held: readonly Held[], count: number): Sizes {
  const isDense = (column: Held) => column.accounts.length >= denseShare * count
  const numbered = held.map((column, k) => ({ ...column, k }))
  return {
    dense: numbered.filter(isDense).map(({ k, ...column }) => ({ column: k, size: spread(column, count) })),
    sparse: gather(
      numbered.filter((column) => !isDense(column)),
      Math.ceil(count / blockSize),
    ),
  }
}

function spread({ accounts, sizes }: Held, count: number): Float64Array {
  const size = new Float64Array(count)
  for (const [i, a] of accounts.entries()) size[a] = (size[a] as number) + (sizes[i] as number)
  return size
}

function gather(columns: readonly (Held & { readonly k: number })[], blocks: number): Sparse {
  const lines = columns.reduce((sum, { sizes }) => sum + sizes.length, 0)
  const [size, account] = [new Float64Array(lines), new Uint16Array(lines)]
  const start = new Uint32Array(blocks * columns.length + 1)
  const next = columns.map(() => 0)
  let at = 0
  for (let b = 0; b < blocks; b++)
    for (const [j, { accounts, sizes }] of columns.entries()) {
      start[b * columns.length + j] = at
      let i = next[j] as number
      for (; i < accounts.length && (accounts[i] as number) < (b + 1) * blockSize; i++, at++) {
        size[at] = sizes[i] as number
        account[at] = (accounts[i] as number) - b * blockSize
      }
      next[j] = i
    }
  start[blocks * columns.length] = at
  return { columns: columns.map(({ k }) => k), size, account, start }
}

/** The same sizes in memory that threads share. */
export function share({ dense, sparse }: Sizes): Sizes {
  return {
    dense: dense.map(({ column, size }) => ({ column, size: floats(size) })),
    sparse: {
      columns: sparse.columns,
      size: floats(sparse.size),
      account: new Uint16Array(bytes(sparse.account)),
      start: new Uint32Array(bytes(sparse.start)),
    },
  }
}

/** A copy of floats in memory that threads share. */
export function floats(of: Float64Array): Float64Array {
  return new Float64Array(bytes(of))
}

function bytes(of: Float64Array | Uint16Array | Uint32Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(of.byteLength)
  new Uint8Array(buffer).set(new Uint8Array(of.buffer, of.byteOffset, of.byteLength))
  return buffer
}

/** Accounts first … first + count − 1, which are those of a block. */
export type Run = { readonly block: number; readonly first: number; readonly count: number }

/** `sum[j] += Σ w·P` over the accounts of a block; `prices` by column. */
export function add(sum: Float64Array, { dense, sparse }: Sizes, run: Run & { readonly prices: Float64Array }): void {
  const { block, first, count, prices } = run
  for (let d = 0; d < dense.length; d += 4) {
    // What is missing to four reads the last column again, at no price.
    const four = [0, 1, 2, 3].map((i) => dense[Math.min(d + i, dense.length - 1)] as Dense) as [Dense, Dense, Dense, Dense]
    const price = four.map(({ column }, i) => (d + i < dense.length ? (prices[column] as number) : 0)) as [number, number, number, number]
    addFour(sum, four, { price, first, count })
  }
  const width = sparse.columns.length
  for (const [j, column] of sparse.columns.entries()) {
    const from = sparse.start[block * width + j] as number
    addSome(sum, sparse, { price: prices[column] as number, from, to: sparse.start[block * width + j + 1] as number })
  }
}

type Four<T> = readonly [T, T, T, T]
type Part = { readonly price: Four<number>; readonly first: number; readonly count: number }

function addFour(sum: Float64Array, columns: Four<Dense>, { price, first, count }: Part): void {
  const [{ size: w }, { size: x }, { size: y }, { size: z }] = columns
  const [p, q, r, s] = price
  for (let j = 0, a = first; j < count; j++, a++)
    sum[j] = (sum[j] as number) + ((w[a] as number) * p + (x[a] as number) * q + ((y[a] as number) * r + (z[a] as number) * s))
}

type Lines = { readonly price: number; readonly from: number; readonly to: number }

function addSome(sum: Float64Array, { size, account }: Sparse, { price, from, to }: Lines): void {
  for (let i = from; i < to; i++) {
    const j = account[i] as number
    sum[j] = (sum[j] as number) + (size[i] as number) * price
  }
}
