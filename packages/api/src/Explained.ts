/** What a participant's record earned, and why, as it is shown to whom it concerns. */
import * as Gather from './Gather.ts'
import type { Services, Session } from './Services.ts'
import * as Wire from './Wire.ts'

/**
 * Score, points, what would raise it, and the grant in every market.
 *
 * @throws {Gather.UnknownParticipantError} nothing was read of this participant yet.
 */
export async function of(services: Pick<Services, 'snapshot' | 'identity'>, { participantId }: Session) {
  const standing = services.snapshot().standings.get(participantId)
  if (!standing) throw new Gather.UnknownParticipantError(participantId)
  const { tier, score, pdPpm, points, raises, grants } = standing
  return {
    ...{ participantId, accounts: [...(await services.identity.accounts(participantId))] },
    ...{ tier, score, pdPpm, points: [...points], raises: [...raises] },
    grants: [...grants].map(([symbol, { imDiscountPpm, provenCap, tierCap, asOf, validUntil, reasons }]) => ({
      ...{ symbol, imDiscountPpm, asOf, validUntil, reasons: [...reasons] },
      ...Wire.encode({ provenCap, tierCap }),
    })),
  }
}
