/** Kinds of columns. USD is numeric(78,0), × 1e18. */
import { sql } from 'drizzle-orm'
import { bigint, customType, numeric } from 'drizzle-orm/pg-core'

export const usd = () => numeric({ precision: 78, scale: 0 })
export const whole = () => bigint({ mode: 'bigint' })
export const zero = sql`0`
/** A transaction's id, 64 bits wide: the outbox' order, and its watermark. */
export const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })
