/** The documents the gateway answers with. Every field is stated; nothing else passes. */
import { z } from 'zod'
import {
  accountId,
  address,
  amount,
  anySignature,
  contractId,
  hash,
  idempotencyKey,
  ppm,
  seconds,
  signature,
  signedAmount,
  signedPpm,
  symbol,
} from './Wire.ts'

export const limit = z.strictObject({
  notional: amount.describe('The largest total position notional, the worse of the two sides.'),
  side: z.enum(['long', 'short']),
  imPpm: ppm,
  mmPpm: ppm,
  requirement: amount,
  leveragePpm: z.number().int().min(0),
  credit: z.strictObject({
    total: amount,
    free: amount,
    perChain: z.array(z.strictObject({ chainId: z.number().int(), credit: amount })),
    perLot: z.array(z.strictObject({ lotId: hash, chainId: z.number().int(), credit: amount, why: z.string() })),
  }),
  equity: z.strictObject({
    venue: signedAmount.describe('Collateral at the venue, less losses, fees and what its other markets require.'),
    total: signedAmount.describe('What may stand behind the limit: `credit.free` and `venue`. Refusals name it, cut to the cent.'),
  }),
  protocolDefault: z.strictObject({ notional: amount, imPpm: ppm, mmPpm: ppm, leveragePpm: z.number().int().min(0) }),
  reasons: z.array(z.strictObject({ factor: z.string(), imPpm: signedPpm, notional: signedAmount })),
  bounds: z.array(z.strictObject({ code: z.string(), notional: amount.nullable(), message: z.string() })),
})

export const certificate = z.strictObject({
  participantId: hash,
  account: address,
  venue: address,
  market: hash,
  maxNotional: amount,
  credit: amount,
  imPpm: ppm,
  sequence: amount,
  issuedAt: amount,
  expiresAt: amount,
  epoch: z.number().int().min(0),
  inputsHash: hash,
  modelHash: hash,
  paramsHash: hash,
})

export const signedCertificate = z.strictObject({
  chainId: z.number().int(),
  limitBook: address,
  certificate,
  signatures: z.array(signature),
})

const refusal = z.strictObject({ code: z.string(), message: z.string(), hint: z.string() })

const key = { account: address, venue: contractId, market: symbol }

export const quoteInput = z.strictObject(key)
export const quoteOutput = z.strictObject({
  ageSeconds: z.number().min(0).describe('Age of the snapshot the quote was taken from.'),
  asOf: seconds,
  limit,
})

export const issueInput = z.strictObject({
  ...key,
  notional: amount,
  idempotencyKey,
  belowOpen: z
    .enum(['refuse', 'cut', 'keep'])
    .default('refuse')
    .describe('What to do with a notional below what is open: `refuse` it with BELOW_OPEN, sign the `cut`, or `keep` what is open.'),
})
export const issueOutput = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('issued'),
    signed: signedCertificate,
    limit: limit.nullable().describe('null when the key had been answered before.'),
  }),
  z.strictObject({ status: z.literal('refused'), refusal, limit }),
])

export const getInput = z.strictObject(key)
export const getOutput = z.strictObject({ signed: signedCertificate.nullable(), reason: z.string().nullable() })

export const inputsInput = z.strictObject({ inputsHash: hash })
export const inputsOutput = z.strictObject({
  inputsHash: hash,
  document: z.string().describe('Canonical JSON (RFC 8785) of the inputs document.'),
})

export const watchInput = z.strictObject({ lastEventId: z.string().max(200).nullish() })

const lot = z.strictObject({
  lotId: hash,
  chainId: z.number().int(),
  holder: address,
  asset: z.string(),
  token: address,
  venue: z.string(),
  custody: z.enum(['LOCKED', 'LIENED', 'OBSERVED']),
  amount,
  pendingOut: amount,
  decimals: z.number().int(),
  block: z.strictObject({ number: amount, hash, timestamp: seconds }),
  price: z.strictObject({ value: amount, confidence: amount, publishedAt: seconds }),
  haircuts: z.strictObject({ assetPpm: ppm, bridgePpm: ppm, venuePpm: ppm, agePpm: ppm }),
  value: amount.describe('At its price, before confidence and haircuts. USD.'),
  credit: amount,
  why: z.string(),
})

const place = z.strictObject({
  chainId: z.number().int(),
  holder: address,
  asset: z.string(),
  token: address,
  custody: z.literal('OBSERVED'),
  amount: amount.describe('Held less owed, receipts resolved to what they stand for.'),
  owed: amount.describe('What is owed beyond that.'),
  decimals: z.number().int(),
  places: z.array(z.strictObject({ name: z.string(), amount, owed: amount })),
  block: z.strictObject({ number: amount, hash, timestamp: seconds }),
  value: amount.nullable().describe('USD; null where there is no price.'),
  credit: z.literal('0'),
  why: z.string(),
})

const arrival = z.strictObject({
  chainId: z.number().int(),
  holder: address,
  asset: z.string(),
  token: address,
  vault: address,
  amount,
  decimals: z.number().int(),
  value: amount.nullable(),
  credit: z.literal('0'),
  why: z.string(),
})

const unread = z.strictObject({
  chainId: z.number().int(),
  holder: address.nullable().describe('null where it concerns everybody.'),
  what: z.string().describe('The name of a place.'),
  code: z.string(),
  sentence: z.string(),
})

export const chain = z.strictObject({
  chainId: z.number().int(),
  name: z.string(),
  status: z.enum(['ok', 'missing']),
  code: z.string().nullable(),
  blockNumber: amount.nullable(),
  blockAgeSeconds: z.number().min(0).nullable(),
  sources: z.array(
    z.strictObject({
      ...{ id: z.string(), operator: z.string(), agrees: z.boolean(), why: z.string().nullable() },
      scorePpm: z
        .number()
        .int()
        .describe('How far its word has held: halved by each lie, mended by the truth. 1000000 = nothing against it.'),
    }),
  ),
})

export const collateralOutput = z.strictObject({
  asOf: seconds,
  ageSeconds: z.number().min(0),
  lots: z.array(lot).describe('What is locked or bound: what limits are computed from.'),
  places: z.array(place).describe('What is only observed elsewhere: it counts for nothing.'),
  arriving: z.array(arrival).describe('Deposits in a block that is not final: they count when it is.'),
  unread: z.array(unread).describe('What was looked at elsewhere and could not be counted. It lowers nothing.'),
  chains: z.array(chain),
  credit: amount,
  encumbered: amount,
  free: amount,
  marginCall: z.boolean(),
})

export const forecast = z.strictObject({
  symbol,
  source: z.string(),
  modelHash: hash,
  asOf: seconds,
  sigmaPpm: z.number().int().min(0),
  closeOut: z.strictObject({ longPpm: ppm, shortPpm: ppm }),
  liquidation: z.strictObject({ longPpm: ppm, shortPpm: ppm }),
  throughTheCycle: z.strictObject({ longPpm: ppm, shortPpm: ppm }),
})

export const forecastsOutput = z.strictObject({
  backend: z.string(),
  forecasts: z.array(forecast),
  missing: z.array(z.strictObject({ symbol, code: z.string(), message: z.string() })),
})

export const explainOutput = z.strictObject({
  participantId: hash,
  accounts: z.array(z.strictObject({ account: accountId, linkedAt: seconds })),
  tier: z.number().int().min(0).max(3),
  score: z.number().int(),
  pdPpm: ppm,
  points: z.array(z.strictObject({ code: z.string(), points: z.number().int() })).describe('They sum to the score.'),
  raises: z.array(z.strictObject({ code: z.string(), gain: z.number().int(), how: z.string() })),
  grants: z.array(
    z.strictObject({
      symbol,
      imDiscountPpm: ppm,
      provenCap: amount,
      tierCap: amount,
      asOf: seconds,
      validUntil: seconds,
      reasons: z.array(z.strictObject({ code: z.string(), points: z.number().int() })),
    }),
  ),
})

/** Of its own: over REST it stands in a query, where every figure is a text, and is read from it. */
const time = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
export const diffInput = z.strictObject({
  from: time.describe('Unix seconds.'),
  to: time.describe('Unix seconds. May be before `from`.'),
})

const scored = z.strictObject({ at: seconds, score: z.number().int() })

export const diffOutput = z.strictObject({
  modelHash: hash,
  from: scored,
  to: scored,
  lines: z
    .array(z.strictObject({ code: z.string(), from: z.number().int(), to: z.number().int(), points: z.number().int() }))
    .describe('What moved, the greatest first; they sum to the difference of the scores.'),
})
const claim = z.enum(['uniqueHuman', 'legalRecourse'])
const piece = z.strictObject({
  scope: z.string(),
  nullifier: z.string(),
  claim,
  kind: z.string(),
  source: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  verifiedAt: seconds,
  until: seconds,
  status: z.string().describe('COUNTS, or why it does not.'),
})
export const evidenceOutput = z.strictObject({
  without: z.number().int().min(0).max(3).describe('The tier that the record alone gives.'),
  tier: z.number().int().min(0).max(3),
  pieces: z.array(piece),
})
export const policyOutput = z.strictObject({
  scope: z.string(),
  scopeHash: hash.describe('The scope of proofs and claims. The message of a proof is the participant id.'),
  groups: z.array(z.strictObject({ name: z.string(), root: amount })),
  worldId: z
    .strictObject({ appId: z.string(), action: z.string(), levels: z.array(z.enum(['orb', 'device'])) })
    .nullable()
    .describe('What World ID is asked for; its signal is the participant id. null where its proofs do not count.'),
  trusts: z.array(z.strictObject({ claim, chainId: z.number().int(), registry: address, schema: hash, attesters: z.array(address) })),
})
export const attestInput = z.strictObject({
  evidenceRoot: hash.describe('The root of a tree of salted values that you keep; zeros for none. Nothing of them is asked.'),
})
const attestation = z.strictObject({
  schema: hash,
  recipient: address,
  time: amount,
  expirationTime: amount,
  revocable: z.boolean(),
  refUID: hash,
  data: anySignature.describe('The fields of the schema, ABI-encoded.'),
  salt: hash,
})
export const attestOutput = z.strictObject({
  attested: z
    .strictObject({ chainId: z.number().int(), registry: address, uid: hash, attestation, signatures: z.array(signature) })
    .nullable()
    .describe('null where this gateway gives no word of its own.'),
})
const proofWord = z.string().regex(/^(0|[1-9]\d{0,77})$/, 'an unsigned decimal integer')
const hexNumber = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/, 'a number in hex, of 32 bytes at most')
const submission = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('semaphore'),
    proof: z.strictObject({
      merkleTreeDepth: z.number().int().min(1).max(32),
      merkleTreeRoot: proofWord,
      nullifier: proofWord,
      message: proofWord,
      scope: proofWord,
      points: z.array(proofWord).length(8),
    }),
  }),
  z.strictObject({
    kind: z.literal('worldId'),
    proof: z
      .strictObject({
        merkle_root: hexNumber,
        nullifier_hash: hexNumber,
        proof: z.string().max(1_026),
        verification_level: z.string().max(40),
      })
      .describe('As IDKit hands it over.'),
  }),
  z.strictObject({ kind: z.literal('stored'), chainId: z.number().int().min(1), uid: hash }),
  z.strictObject({
    kind: z.literal('signed'),
    chainId: z.number().int().min(1),
    attestation,
    signature: anySignature,
    batch: z.strictObject({ root: hash, proof: z.array(hash).max(64) }).nullable(),
  }),
])
export const evidenceInput = z.strictObject({ evidence: submission })
export const submitOutput = z.discriminatedUnion('status', [
  z.strictObject({ status: z.enum(['recorded', 'renewed']), evidence: evidenceOutput }),
  z.strictObject({ status: z.literal('refused'), refusal, evidence: evidenceOutput }),
])

export const marketsOutput = z.strictObject({
  paramsHash: hash,
  venues: z.array(z.strictObject({ id: contractId, name: z.string(), limitBook: address })),
  markets: z.array(
    z.strictObject({
      symbol,
      market: hash,
      price: z.strictObject({
        status: z.enum(['ok', 'refused']),
        index: amount.nullable(),
        publishedAt: seconds.nullable(),
        code: z.string().nullable(),
      }),
      openInterest: z.strictObject({ long: amount, short: amount }),
      brake: z.strictObject({
        status: z.enum(['ok', 'unavailable']),
        longPpm: ppm,
        shortPpm: ppm,
        leverageRatioPpm: z.number().int().nullable(),
      }),
      closing: z.array(contractId).describe('Venues where it is wound down: what is open can be closed, and nothing is opened.'),
    }),
  ),
})

export const healthOutput = z.strictObject({
  version: z.string(),
  status: z.enum(['ok', 'degraded']),
  snapshotAgeSeconds: z.number().min(0).nullable(),
  chains: z.array(chain),
  signers: z.array(address),
  threshold: z.number().int(),
  work: z
    .strictObject({
      holder: z.string(),
      gateways: z.number().int().min(0).describe('How many gateways divide the background work.'),
      shards: z.array(z.number().int().min(0)).describe('Shards of participants that this one reads and records.'),
      jobs: z.array(z.string()),
      fenced: z.number().int().min(0).describe("Writes refused because their lease was somebody else's by then."),
    })
    .describe('What of the background work this gateway does. Requests are served by every one.'),
  faults: z.array(z.string()),
})

/** What `limits.watch` sends. */
export const event = z.strictObject({ id: z.string(), kind: z.string(), at: seconds, body: z.record(z.string(), z.unknown()) })
export const ok = z.strictObject({ ok: z.literal(true) })
