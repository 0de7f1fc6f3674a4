/** The ledger held against itself: sums kept beside the rows must be the sums of the rows. */
import type { Database } from './Database.ts'

export type Fault = {
  readonly invariant: 'headroom' | 'interest' | 'credit' | 'sequence' | 'requirement'
  readonly subject: string
  readonly kept: bigint
  readonly found: bigint
}

/**
 * Recomputes every kept sum from its rows, in one statement and so at one instant.
 *
 * @returns what differs: nothing, unless a writer is wrong. Whoever gets a fault stops issuing.
 */
export async function audit(database: Database): Promise<readonly Fault[]> {
  return database.query<Fault>(`
    with sums as (
      select chain_id, market, sum(long_interest) as long_interest, sum(short_interest) as short_interest,
        sum(long_headroom) as long_headroom, sum(short_headroom) as short_headroom from positions group by chain_id, market
    ), live as (
      select account, chain_id, venue, max(credit) as credit from certificates where dead_at is null group by account, chain_id, venue
    ), ends as (
      select account, chain_id, venue, market, max(sequence) as sequence,
        coalesce(max(max_notional) filter (where dead_at is null), 0) as notional from certificates group by account, chain_id, venue, market
    ), standing as (
      select account, chain_id, venue, sum(requirement) as requirement,
        sum(greatest(requirement, certificate_requirement)) as potential from positions group by account, chain_id, venue
    )
    select 'interest' as invariant, market as subject, m.long_interest + m.short_interest as kept,
      coalesce(s.long_interest + s.short_interest, 0) as found from markets m left join sums s using (chain_id, market)
      where (m.long_interest, m.short_interest) <> (coalesce(s.long_interest, 0), coalesce(s.short_interest, 0))
    union all select 'headroom', market, m.long_headroom + m.short_headroom, coalesce(s.long_headroom + s.short_headroom, 0)
      from markets m left join sums s using (chain_id, market)
      where (m.long_headroom, m.short_headroom) <> (coalesce(s.long_headroom, 0), coalesce(s.short_headroom, 0))
    union all select 'credit', account, k.certificate_credit, coalesce(l.credit, 0) from keys k left join live l using (account, chain_id, venue)
      where k.certificate_credit <> coalesce(l.credit, 0)
    union all select 'requirement', account, k.requirement + k.potential, coalesce(s.requirement + s.potential, 0) from keys k left join standing s using (account, chain_id, venue)
      where (k.requirement, k.potential) <> (coalesce(s.requirement, 0), coalesce(s.potential, 0))
    union all select 'sequence', account, p.last_sequence::numeric, e.sequence::numeric from ends e join positions p using (account, chain_id, venue, market)
      where p.last_sequence <> e.sequence
    union all select 'headroom', account, p.max_notional, e.notional from ends e join positions p using (account, chain_id, venue, market)
      where p.max_notional <> e.notional`)
}
