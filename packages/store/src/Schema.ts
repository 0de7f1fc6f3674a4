/**
 * The one SQL schema. drizzle-kit writes the migrations from it; nothing at run time imports it.
 *
 * USD is numeric(78,0), × 1e18. Times are unix seconds. Hex is lower-case text with 0x. Formulas that must hold wherever a
 * row is written (encumbrance, headroom) are generated columns, so that no writer can forget them.
 */
import { type SQL, sql } from 'drizzle-orm'
import { bigserial, check, customType, foreignKey, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { usd, whole, zero } from './schema/Columns.ts'
import { participants } from './schema/Identity.ts'

export * from './schema/Desk.ts'
export * from './schema/Identity.ts'

/** A transaction's id, 64 bits wide: the outbox' order, and its watermark. */
const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })

export const settings = pgTable('settings', {
  name: text().primaryKey(),
  value: text().notNull(),
})

export const chains = pgTable('chains', {
  chainId: whole().primaryKey(),
  number: whole().notNull(),
  hash: text().notNull(),
  timestamp: whole().notNull(),
})

export const markets = pgTable(
  'markets',
  {
    chainId: whole().notNull(),
    market: text().notNull(),
    longInterest: usd().notNull().default(zero),
    shortInterest: usd().notNull().default(zero),
    longHeadroom: usd().notNull().default(zero),
    shortHeadroom: usd().notNull().default(zero),
    damper: text(),
    version: whole().notNull().default(zero),
  },
  (table) => [
    primaryKey({ columns: [table.chainId, table.market] }),
    check('markets_not_negative', sql`least(long_interest, short_interest, long_headroom, short_headroom) >= 0`),
  ],
)

const owed = sql`unrealised_loss + fees`
/** What open positions bind beyond the venue's own collateral: `X − V`, X = requirement + loss + fees. */
const standing = sql`requirement + ${owed} - venue_collateral`
/** What the book's credit may be used for by open positions and live certificates: `min(Y, C)`. */
const potential = sql`least(potential + ${owed}, book_credit)`

export const keys = pgTable(
  'keys',
  {
    account: text().notNull(),
    chainId: whole().notNull(),
    venue: text().notNull(),
    participantId: text()
      .notNull()
      .references(() => participants.id),
    certificateCredit: usd().notNull().default(zero),
    requirement: usd().notNull(),
    potential: usd().notNull(),
    unrealisedLoss: usd().notNull(),
    fees: usd().notNull(),
    venueCollateral: usd().notNull(),
    bookCredit: usd().notNull(),
    blockNumber: whole().notNull(),
    readAt: whole().notNull(),
    encumbrance: usd()
      .notNull()
      .generatedAlwaysAs((): SQL => sql`greatest(certificate_credit, ${standing}, ${potential})`),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.chainId, table.venue] }),
    index('keys_participant').on(table.participantId),
    check(
      'keys_not_negative',
      sql`least(certificate_credit, requirement, potential - requirement, unrealised_loss, fees, venue_collateral, book_credit) >= 0`,
    ),
  ],
)

const long = sql`case when side = 'long' then notional else 0 end`
const short = sql`case when side = 'short' then notional else 0 end`

export const positions = pgTable(
  'positions',
  {
    account: text().notNull(),
    chainId: whole().notNull(),
    venue: text().notNull(),
    market: text().notNull(),
    side: text().notNull(),
    notional: usd().notNull(),
    requirement: usd().notNull(),
    maxNotional: usd().notNull().default(zero),
    certificateRequirement: usd().notNull().default(zero),
    lastSequence: whole().notNull().default(zero),
    acceptedSequence: whole().notNull().default(zero),
    blockNumber: whole().notNull(),
    readAt: whole().notNull(),
    longInterest: usd()
      .notNull()
      .generatedAlwaysAs((): SQL => long),
    shortInterest: usd()
      .notNull()
      .generatedAlwaysAs((): SQL => short),
    longHeadroom: usd()
      .notNull()
      .generatedAlwaysAs((): SQL => sql`greatest(0, max_notional - ${long})`),
    shortHeadroom: usd()
      .notNull()
      .generatedAlwaysAs((): SQL => sql`greatest(0, max_notional - ${short})`),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.chainId, table.venue, table.market] }),
    foreignKey({ columns: [table.chainId, table.market], foreignColumns: [markets.chainId, markets.market] }),
    check('positions_side', sql`side in ('long', 'short', 'flat') and (side = 'flat') = (notional = 0)`),
    check('positions_not_negative', sql`least(notional, requirement, max_notional, certificate_requirement) >= 0`),
  ],
)

export const inputs = pgTable('inputs', {
  hash: text().primaryKey(),
  document: text().notNull(),
  createdAt: whole().notNull(),
})

export const certificates = pgTable(
  'certificates',
  {
    account: text().notNull(),
    chainId: whole().notNull(),
    venue: text().notNull(),
    market: text().notNull(),
    sequence: whole().notNull(),
    participantId: text()
      .notNull()
      .references(() => participants.id),
    limitBook: text().notNull(),
    maxNotional: usd().notNull(),
    credit: usd().notNull(),
    imPpm: whole().notNull(),
    issuedAt: whole().notNull(),
    expiresAt: whole().notNull(),
    epoch: whole().notNull(),
    inputsHash: text()
      .notNull()
      .references(() => inputs.hash),
    modelHash: text().notNull(),
    paramsHash: text().notNull(),
    signatures: text().notNull(),
    createdAt: whole().notNull(),
    deadAt: whole(),
    deadBlock: whole(),
    deadReason: text(),
    requirement: usd()
      .notNull()
      .generatedAlwaysAs((): SQL => sql`div(max_notional * im_ppm + 999999, 1000000)`),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.chainId, table.venue, table.market, table.sequence] }),
    index('certificates_live').on(table.account, table.chainId, table.venue).where(sql`dead_at is null`),
    index('certificates_participant').on(table.participantId).where(sql`dead_at is null`),
    check('certificates_bounds', sql`least(max_notional, credit) >= 0 and im_ppm >= 0 and expires_at > issued_at and sequence > 0`),
    check(
      'certificates_dead',
      sql`dead_reason in ('expired', 'superseded') and dead_at is not null or dead_reason is null and dead_at is null`,
    ),
  ],
)

export const idempotency = pgTable(
  'idempotency',
  {
    participantId: text()
      .notNull()
      .references(() => participants.id),
    key: text().notNull(),
    bodyHash: text().notNull(),
    answer: text().notNull(),
    createdAt: whole().notNull(),
  },
  (table) => [primaryKey({ columns: [table.participantId, table.key] }), index('idempotency_age').on(table.createdAt)],
)

export const releases = pgTable(
  'releases',
  {
    id: text().primaryKey(),
    participantId: text()
      .notNull()
      .references(() => participants.id),
    chainId: whole().notNull(),
    vault: text().notNull(),
    bodyHash: text().notNull(),
    credit: usd().notNull(),
    deadline: whole().notNull(),
    signatures: text().notNull(),
    createdAt: whole().notNull(),
    status: text().notNull(),
    settledAt: whole(),
    settledBlock: whole(),
  },
  (table) => [
    index('releases_participant').on(table.participantId).where(sql`status <> 'expired'`),
    index('releases_pending').on(table.chainId, table.vault).where(sql`status = 'pending'`),
    check('releases_status', sql`status in ('pending', 'used', 'expired') and credit >= 0`),
  ],
)

export const settlements = pgTable(
  'settlements',
  {
    id: text().primaryKey(),
    participantId: text()
      .notNull()
      .references(() => participants.id),
    account: text().notNull(),
    venueChainId: whole().notNull(),
    venue: text().notNull(),
    chainId: whole().notNull(),
    vault: text().notNull(),
    bodyHash: text().notNull(),
    credit: usd().notNull(),
    deadline: whole().notNull(),
    signatures: text().notNull(),
    createdAt: whole().notNull(),
    status: text().notNull(),
    endedAt: whole(),
    endedBlock: whole(),
    coveredAt: whole(),
    coveredBlock: whole(),
    /** The message that was signed, for whoever posts it. */
    document: text(),
    /** What the vault said of it when it ended. */
    fate: text(),
  },
  (table) => [
    index('settlements_participant').on(table.participantId).where(sql`status <> 'void'`),
    index('settlements_pending').on(table.chainId, table.vault).where(sql`status = 'pending'`),
    check('settlements_status', sql`status in ('pending', 'paid', 'void') and credit > 0`),
  ],
)

export const markDowns = pgTable(
  'mark_downs',
  {
    account: text().notNull(),
    chainId: whole().notNull(),
    venue: text().notNull(),
    sequence: whole().notNull(),
    participantId: text()
      .notNull()
      .references(() => participants.id),
    credit: usd().notNull(),
    /** The message that was signed and its evidence, for whoever posts it. */
    document: text().notNull(),
    signatures: text().notNull(),
    issuedAt: whole().notNull(),
    createdAt: whole().notNull(),
    status: text().notNull(),
    endedAt: whole(),
  },
  (table) => [
    primaryKey({ columns: [table.account, table.chainId, table.venue, table.sequence] }),
    index('mark_downs_pending').on(table.chainId, table.venue).where(sql`status = 'pending'`),
    check('mark_downs_status', sql`status in ('pending', 'accepted', 'void') and credit >= 0 and sequence > 0`),
  ],
)

/** Who does what only one may do. Rows are never deleted: a token never falls. */
export const leases = pgTable('leases', {
  name: text().primaryKey(),
  holder: text().notNull(),
  token: whole().notNull(),
  expiresAt: whole().notNull(),
})

export const events = pgTable(
  'events',
  {
    chainId: whole().notNull(),
    blockHash: text().notNull(),
    logIndex: integer().notNull(),
    blockNumber: whole().notNull(),
    account: text().notNull(),
    kind: text().notNull(),
    body: text().notNull(),
    at: whole().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.chainId, table.blockHash, table.logIndex] }),
    index('events_account').on(table.account, table.at),
  ],
)

export const outbox = pgTable(
  'outbox',
  {
    id: bigserial({ mode: 'bigint' }).primaryKey(),
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
    participantId: text(),
    kind: text().notNull(),
    body: text().notNull(),
    at: whole().notNull(),
  },
  (table) => [index('outbox_order').on(table.xid, table.id), index('outbox_participant').on(table.participantId, table.xid, table.id)],
)
