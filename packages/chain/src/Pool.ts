/** The sources of one chain, each asked for itself, each behind its own breaker. */
import * as Breaker from './Breaker.ts'
import type { ChainConfig } from './ChainConfig.ts'
import * as Dissent from './Dissent.ts'
import type { Random } from './Jitter.ts'
import * as JsonRpc from './JsonRpc.ts'

export type Pool = {
  /** The sources worth asking now, and why the others are not. */
  readonly awake: () => { readonly ids: readonly string[]; readonly resting: readonly Dissent.Dissent[] }
  /** Asks each named source; a failure becomes dissent and moves its breaker. */
  readonly ask: <value>(ids: readonly string[], question: (client: JsonRpc.Client) => Promise<value>) => Promise<Asked<value>>
  /** Asks one named source after another until one answers. */
  readonly first: <value>(ids: readonly string[], question: (client: JsonRpc.Client) => Promise<value>) => Promise<First<value>>
  /** Leaves a source out until `readmit`. */
  readonly eject: (dissent: Dissent.Dissent) => void
  readonly readmit: () => void
}

export type Clock = { readonly nowMs: () => number; readonly random: Random }

type Asked<value> = {
  readonly answers: readonly { readonly id: string; readonly value: value }[]
  readonly dissent: readonly Dissent.Dissent[]
}

type First<value> = { readonly answer: value | null; readonly source: string | null; readonly dissent: readonly Dissent.Dissent[] }

type Member = { readonly id: string; readonly client: JsonRpc.Client; breaker: Breaker.Breaker; ejected: Dissent.Dissent | null }

/**
 * @param config - checked.
 * @param clock.nowMs - what breakers run on. Unix milliseconds.
 * @param clock.random - how long they rest.
 */
export function open(config: ChainConfig, clock: Clock): Pool {
  const { nowMs } = clock
  const members: readonly Member[] = config.sources.map(({ id, url }) => ({
    id,
    client: JsonRpc.open({ url, timeoutMs: config.timeoutMs }),
    breaker: Breaker.closed,
    ejected: null,
  }))

  function awake(): { readonly ids: readonly string[]; readonly resting: readonly Dissent.Dissent[] } {
    const at = nowMs()
    const present = members.filter((member) => !member.ejected)
    const closed = present.filter((member) => !Breaker.isOpen(member.breaker, at))
    // A breaker saves time; it never costs a quorum that may be there again.
    const awake = closed.length >= config.k ? closed : present
    return {
      ids: awake.map((member) => member.id),
      resting: members.filter((member) => !awake.includes(member)).map((member) => restOf(member, at)),
    }
  }

  async function ask<value>(ids: readonly string[], question: (client: JsonRpc.Client) => Promise<value>): Promise<Asked<value>> {
    const asked = members.filter((member) => ids.includes(member.id))
    const outcomes = await Promise.all(asked.map((member) => answerOf(member, question, clock)))
    return {
      answers: outcomes.flatMap((outcome) => ('value' in outcome ? [outcome] : [])),
      dissent: outcomes.flatMap((outcome) => ('why' in outcome ? [outcome] : [])),
    }
  }

  async function first<value>(ids: readonly string[], question: (client: JsonRpc.Client) => Promise<value>): Promise<First<value>> {
    const dissent: Dissent.Dissent[] = []
    for (const id of ids) {
      const { answers, dissent: said } = await ask([id], question)
      dissent.push(...said)
      const [answered] = answers
      if (answered) return { answer: answered.value, source: answered.id, dissent }
    }
    return { answer: null, source: null, dissent }
  }

  function eject(dissent: Dissent.Dissent): void {
    for (const member of members) if (member.id === dissent.id) member.ejected = dissent
  }

  function readmit(): void {
    for (const member of members) {
      member.ejected = null
      member.breaker = Breaker.closed
    }
  }

  return { awake, ask, first, eject, readmit }
}

async function answerOf<value>(
  member: Member,
  question: (client: JsonRpc.Client) => Promise<value>,
  { nowMs, random }: Clock,
): Promise<{ readonly id: string; readonly value: value } | Dissent.Dissent> {
  try {
    const value = await question(member.client)
    member.breaker = Breaker.next({ breaker: member.breaker, outcome: 'answered', at: nowMs(), random })
    return { id: member.id, value }
  } catch (error) {
    const dissent = Dissent.of(member.id, error)
    member.breaker = Breaker.next({ breaker: member.breaker, outcome: outcomeOf(dissent), at: nowMs(), random })
    return dissent
  }
}

/** A node that answers "I have no such block" is alive. */
function outcomeOf({ why }: Dissent.Dissent): Breaker.Outcome {
  if (why === 'RPC_TIMEOUT') return 'timeout'
  return why === 'RPC_BLOCK_UNKNOWN' || why === 'RPC_ANSWERED_ERROR' ? 'answered' : 'failed'
}

function restOf(member: Member, at: number): Dissent.Dissent {
  if (member.ejected) return member.ejected
  const seconds = Math.ceil((member.breaker.openUntil - at) / 1000)
  return { id: member.id, why: 'SOURCE_SUSPENDED', detail: `left alone for ${seconds} s after ${member.breaker.failures} failures` }
}
