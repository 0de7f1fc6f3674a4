/** Who has collateral in a vault, and what they do with it. */
import { Fixed } from '@plimsoll/margin'
import { Ledger, Participants } from '@plimsoll/store'
import * as Course from './Course.ts'
import * as Harbour from './Harbour.ts'
import type * as Invariants from './Invariants.ts'

type Hex = `0x${string}`

export function steps(course: Course.Course): Course.Steps {
  const { world, owners, random, pick, whole } = course
  return {
    deposit: {
      weight: 5,
      run: async () => {
        const { chain, asset } = pick(world.docks)
        const account = pick(pick(owners).accounts)
        const amount = asset.decimals === 6 ? BigInt(1 + whole(30_000)) * 10n ** 6n : BigInt(1 + whole(10)) * Fixed.one
        chain.send(world.now, { kind: 'deposit', account, amount })
        return []
      },
    },
    leave: {
      weight: 2,
      run: async () => {
        const { chain } = pick(world.docks)
        const account = pick(pick(owners).accounts)
        const { amount } = Harbour.berth(chain.latest().state, account)
        const kind = pick(['ask', 'ask', 'ask', 'go', 'go', 'stay'] as const)
        if (kind === 'ask') chain.send(world.now, { kind: 'requestEscape', account, amount: random.uniform() < 0.5 ? amount : amount / 2n })
        else chain.send(world.now, { kind: kind === 'go' ? 'executeEscape' : 'cancelEscape', account })
        return []
      },
    },
    release: { weight: 2, run: () => release(course) },
    link: { weight: 0.5, run: () => link(course) },
  }
}

async function release(course: Course.Course): Promise<readonly Invariants.Violation[]> {
  const { world, database, random, note, pick, whole } = course
  const gateway = pick(course.gateways)
  await gateway.tick()
  const { owner, account } = Course.seat(course)
  const { chain, asset } = pick(world.docks)
  const total = gateway.credit(owner.participantId)
  const { amount, reserved, exit } = Harbour.berth(chain.final().state, account)
  if (total === null || amount === reserved || exit !== null) return []
  const part = (amount - reserved) / BigInt(1 + whole(4))
  if (part === 0n) return []
  const releaseId = Course.id(course)
  const deadline = world.now + 60 + whole(240)
  try {
    const subject = { releaseId, participantId: owner.participantId, chainId: chain.chainId, vault: asset.vault, deadline }
    const credit = Course.worth(course, asset, part)
    const got = await Ledger.release(database, { ...subject, credit, bodyHash: releaseId }, async () => ({
      status: 'release',
      signatures: ['0x01'],
      creditTotal: total,
    }))
    note(got.status)
  } catch (error) {
    note(`release ${codeOf(error)}`)
    return []
  }
  if (random.uniform() < 0.6) chain.send(world.now, { kind: 'release', order: { releaseId, account, amount: part, deadline } })
  return []
}

async function link({ database, owners, traders, note, pick, link: linkTo }: Course.Course): Promise<readonly Invariants.Violation[]> {
  const savers = owners.filter((owner) => !traders.includes(owner))
  // Nothing leaves while anything is bound: those who save can, and mostly go to each other, since nobody comes back from those who trade.
  const several = pick([traders, savers]).filter(({ accounts }) => accounts.length > 1)
  if (several.length === 0) return []
  const from = pick(several)
  const to = pick((savers.includes(from) ? pick([savers, savers, savers, traders]) : owners).filter((owner) => owner !== from))
  const account = from.accounts.at(-1) as Hex
  const claim = { participantId: to.participantId, account: `eip155:0:${account}` }
  // First without asking whoever has it: nobody takes an account that another has.
  try {
    await linkTo(database, claim)
    to.accounts.push(account)
    return []
  } catch (error) {
    note(`taken ${codeOf(error)}`)
  }
  try {
    await Participants.unlink(database, { participantId: from.participantId, account: `eip155:0:${account}`, coolDownSeconds: 0 })
    from.accounts.pop()
    await Participants.link(database, claim)
    to.accounts.push(account)
    note('moved')
  } catch (error) {
    const code = codeOf(error)
    if (!from.accounts.includes(account)) {
      await Participants.link(database, { participantId: from.participantId, account: `eip155:0:${account}` })
      from.accounts.push(account)
    }
    note(`move ${code}`)
  }
  return []
}

/** What a refusal says. @throws whatever is none. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error && 'code' in error)) throw error
  return String(error.code)
}
