/** The thin line between this package and an engine: text with `$1` in, rows out. */

export type Param = string | number | bigint | boolean | null

/** Runs statements: on the pool, or inside one transaction. */
export type Queries = {
  /**
   * Runs one statement, prepared where the engine prepares.
   *
   * int8 and numeric come back as bigint, never as a float. A document goes in as JSON text and is cast `$1::text::json`.
   */
  query<Row extends object>(text: string, params?: readonly Param[]): Promise<readonly Row[]>
}

/** One engine: PGlite embedded, or a PostgreSQL server. */
export type Driver = Queries & {
  readonly engine: 'embedded' | 'server'
  /** All of `work` or nothing. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** numeric(78,0) and int8 as they come over the wire. A fraction would mean that a column is not whole: it throws. */
export function toBigint(text: string): bigint {
  return BigInt(text)
}

/** As the engine takes it: a bigint is written out, since neither driver knows numbers of 78 digits. */
export function toWire(params: readonly Param[]): (string | number | boolean | null)[] {
  return params.map((param) => (typeof param === 'bigint' ? param.toString() : param))
}

/**
 * Statements of one transaction in the order given, sent without waiting for each other's answers. All are over before this is, so that none
 * is sent after a transaction that another of them has ended.
 *
 * @throws what the first of them in that order has thrown.
 */
export async function together<const Work extends readonly Promise<unknown>[]>(work: Work) {
  await Promise.allSettled(work)
  return Promise.all(work)
}
