import { Attestation as Digest, easAbi } from '@plimsoll/contracts'
import { Anvil, Attestations, Deployment, Wallet } from '@plimsoll/localnet'
import { Attestation } from '@plimsoll/reputation'
import { domainSeparator, parseEventLogs, parseSignature, zeroAddress, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as Contract from './Contract.ts'
import * as Eas from './Eas.ts'
import type { Hex } from './Hex.ts'
import * as LocalSigner from './LocalSigner.ts'
import * as Quorum from './Quorum.ts'
import { faults, start, type Tap } from './testing/Tap.ts'

const chainId = 31_337_001
const [issuer, forger, payer] = [Wallet.of('issuer'), Wallet.of('forger'), Wallet.of('payer')]
const recipient: Hex = '0x00000000000000000000000000000000000000aa'
const data = Digest.encodeClaim({ claim: `0x${'01'.repeat(32)}`, scope: `0x${'02'.repeat(32)}`, nullifier: `0x${'03'.repeat(32)}` })

let anvil: Anvil.Anvil
let taps: readonly Tap[]
let service: Attestations.Attestations
let reader: Quorum.Reader
let now: number

beforeAll(async () => {
  anvil = await Anvil.start({ chainId, accounts: [issuer.address, forger.address, payer.address] })
  service = await Attestations.deploy(anvil)
  taps = await Promise.all(['a', 'b', 'c'].map((id) => start({ id, target: anvil.url })))
  const finality = { tag: 'finalized', maxAgeSeconds: 3_600 } as const
  reader = Quorum.open({ config: { chainId, name: 'harbour', sources: taps.map((tap) => tap.source), k: 2, timeoutMs: 2_000, finality } })
  now = Number((await anvil.publicClient.getBlock()).timestamp)
  await anvil.mine(9)
})
afterAll(async () => {
  await Promise.all(taps.map((tap) => tap[Symbol.asyncDispose]()))
  await anvil.stop()
})
afterEach(() => {
  for (const tap of taps) tap.mend()
})

const write = (functionName: string, args: readonly unknown[], from = issuer) =>
  Deployment.write(anvil, from, { address: service.registry.address, abi: easAbi, functionName, args })
const request = (change: object = {}) => ({ recipient, expirationTime: 0n, revocable: true, refUID: zeroHash, data, value: 0n, ...change })
const attest = async (change: object = {}): Promise<Hex> => {
  const receipt = await write('attest', [{ schema: service.claimSchema, data: request(change) }])
  const [event] = parseEventLogs({ abi: easAbi, logs: receipt.logs, eventName: 'Attested' })
  return event?.args.uid ?? '0x'
}
const trust = (change: Partial<Attestation.Trust> = {}): Attestation.Trust => ({
  ...{ chainId, registry: service.registry.address, schema: service.claimSchema, attesters: [issuer.address.toLowerCase()] },
  ...{ recipients: [recipient], maxAgeSeconds: 86_400 },
  ...change,
})
const stored = (uid: Hex) => Eas.fetchStored({ reader, registry: service.registry.address, uid })
const shown = (given: Eas.Shown) => Eas.fetchShown({ reader, registry: service.registry.address, shown: given })
const signed = async (change: Partial<Digest.Attestation> = {}, by = issuer): Promise<Eas.Shown> => {
  const attestation: Digest.Attestation = {
    ...{ schema: service.claimSchema, recipient, time: BigInt(now), expirationTime: 0n, revocable: true, refUID: zeroHash, data },
    ...{ salt: `0x${'07'.repeat(32)}`, ...change },
  }
  return { attestation, signature: await by.signTypedData(Digest.typedData(attestation, service.registry)), batch: null }
}

describe('fetchStored', () => {
  test('worked example: counts once it is final, and its id is the one we compute', async () => {
    const uid = await attest({ expirationTime: BigInt(now + 7_200) })
    expect(await stored(uid)).toBeNull()
    await anvil.mine(9)
    const found = await stored(uid)
    if (!found) expect.unreachable()
    expect(found).toEqual({
      data,
      attestation: {
        ...{ origin: 'stored', chainId, registry: service.registry.address, uid, schema: service.claimSchema },
        ...{ attester: issuer.address.toLowerCase(), recipient, issuedAt: found.attestation.issuedAt },
        ...{ expiresAt: now + 7_200, revokedAt: null, anchoredAt: null },
      },
    })
    const { issuedAt } = found.attestation
    expect(
      Digest.storedUid({
        ...{ schema: service.claimSchema, recipient, attester: issuer.address, time: BigInt(issuedAt), bump: 0 },
        ...{ expirationTime: BigInt(now + 7_200), revocable: true, refUID: zeroHash, data },
      }),
    ).toBe(uid)
    expect(Attestation.assess(found.attestation, trust(), issuedAt)).toEqual({ status: 'accepted', until: now + 7_200 })
  })

  test('edge: revoked, it counts no more at once, while the registry itself still calls it valid', async () => {
    const uid = await attest()
    await anvil.mine(9)
    await write('revoke', [{ schema: service.claimSchema, data: { uid, value: 0n } }])
    const found = await stored(uid)
    if (!found) expect.unreachable()
    expect(found.attestation.revokedAt).toBeGreaterThan(0)
    expect(Attestation.assess(found.attestation, trust(), found.attestation.issuedAt)).toEqual({ status: 'refused', code: 'REVOKED' })
    const { address } = service.registry
    expect(await anvil.publicClient.readContract({ address, abi: easAbi, functionName: 'isAttestationValid', args: [uid] })).toBe(true)
  })

  test('edge: expired, it counts no more, while the registry itself still calls it valid', async () => {
    const { timestamp } = await anvil.publicClient.getBlock()
    const uid = await attest({ expirationTime: timestamp + 30n })
    await anvil.mine(9, 10)
    const found = await stored(uid)
    if (!found) expect.unreachable()
    const at = Number((await anvil.publicClient.getBlock()).timestamp)
    expect(Attestation.assess(found.attestation, trust({ maxAgeSeconds: 10 ** 6 }), at)).toEqual({ status: 'refused', code: 'EXPIRED' })
    const { address } = service.registry
    expect(await anvil.publicClient.readContract({ address, abi: easAbi, functionName: 'isAttestationValid', args: [uid] })).toBe(true)
  })

  test('edge: one lying source changes nothing; an id nobody knows is none', async () => {
    const uid = await attest({ data: `${data}` })
    await anvil.mine(9)
    taps[0]?.break(faults.lie)
    expect((await stored(uid))?.attestation.uid).toBe(uid)
    expect(await stored(`0x${'09'.repeat(32)}`)).toBeNull()
  })

  test('error: there is no registry', async () => {
    await expect(Eas.fetchStored({ reader, registry: recipient, uid: zeroHash })).rejects.toThrow(Contract.UnreadableError)
  })
})

describe('digests', () => {
  test('vector: the registry’s own domain and the struct it verifies itself are ours', async () => {
    const { address, version } = service.registry
    const separator = await anvil.publicClient.readContract({ address, abi: easAbi, functionName: 'getDomainSeparator' })
    expect(domainSeparator({ domain: { name: 'EAS', version, chainId, verifyingContract: address } })).toBe(separator)

    const nonce = await anvil.publicClient.readContract({ address, abi: easAbi, functionName: 'getNonce', args: [issuer.address] })
    const { value, ...said } = request()
    const delegation = { ...said, value, schema: service.claimSchema, attester: issuer.address, nonce, deadline: BigInt(now + 10 ** 6) }
    const { r, s, yParity } = parseSignature(await issuer.signTypedData(Digest.delegation(delegation, service.registry)))
    const delegated = (change: object = {}) => [
      {
        ...{ schema: service.claimSchema, data: { ...said, value }, signature: { v: 27 + yParity, r, s } },
        ...{ attester: issuer.address, deadline: delegation.deadline, ...change },
      },
    ]
    await expect(write('attestByDelegation', delegated({ deadline: delegation.deadline + 1n }), payer)).rejects.toThrow('InvalidSignature')
    await expect(write('attestByDelegation', delegated({ attester: forger.address }), payer)).rejects.toThrow('InvalidSignature')
    const receipt = await write('attestByDelegation', delegated(), payer)
    const [event] = parseEventLogs({ abi: easAbi, logs: receipt.logs, eventName: 'Attested' })
    expect(event?.args.attester).toBe(issuer.address)
  })
})

describe('issue', () => {
  test('worked example: our word on a tier is signed by each signer, and read by whoever trusts them', async () => {
    const signer = LocalSigner.of({ privateKeys: ['one', 'two'].map(Wallet.privateKeyOf), threshold: 2, chainIds: [chainId] })
    const registry = await Eas.fetchRegistry({ reader, registry: service.registry.address })
    expect(registry).toEqual(service.registry)
    const claim = {
      participantId: zeroHash,
      tier: 2,
      asOf: BigInt(now),
      modelHash: zeroHash,
      evidenceRoot: `0x${'0e'.repeat(32)}` as const,
    }
    const { attestation, uid, signatures } = await Eas.issue({
      ...{ registry, schema: service.tierSchema, recipient, claim, expiresAt: now + 3_600, salt: `0x${'05'.repeat(32)}`, signer },
    })
    expect(signatures).toHaveLength(2)
    for (const [i, signature] of signatures.entries()) {
      const found = await shown({ attestation, signature, batch: null })
      expect(found.attestation).toMatchObject({ uid, attester: signer.addresses[i], expiresAt: now + 3_600 })
      expect(Digest.decodeTier(found.data)).toEqual(claim)
      const ours = trust({ schema: service.tierSchema, attesters: signer.addresses })
      expect(Attestation.assess(found.attestation, ours, now)).toEqual({ status: 'accepted', until: now + 3_600 })
    }
  })
})

describe('fetchShown', () => {
  test('worked example: signed by who it says, and of nobody’s storing', async () => {
    const given = await signed()
    const { attestation } = await shown(given)
    expect(attestation).toEqual({
      ...{ origin: 'signed', chainId, registry: service.registry.address, uid: Digest.uid(given.attestation) },
      ...{ schema: service.claimSchema, attester: issuer.address.toLowerCase(), recipient, issuedAt: now },
      ...{ expiresAt: null, revokedAt: null, anchoredAt: null },
    })
    expect(Attestation.assess(attestation, trust(), now).status).toBe('accepted')
  })

  test.each<[string, Partial<Digest.Attestation>]>([
    ['schema', { schema: `0x${'09'.repeat(32)}` }],
    ['recipient', { recipient: zeroAddress }],
    ['time', { time: 1n }],
    ['end', { expirationTime: 9_999_999_999n }],
    ['revocability', { revocable: false }],
    ['reference', { refUID: `0x${'09'.repeat(32)}` }],
    ['data', { data: '0x' }],
    ['salt', { salt: zeroHash }],
  ])('edge: a signature over another %s is not its attester’s', async (_, change) => {
    const given = await signed()
    const { attestation } = await shown({ ...given, attestation: { ...given.attestation, ...change } })
    expect(attestation.attester).not.toBe(issuer.address.toLowerCase())
    expect(attestation.uid).not.toBe(Digest.uid(given.attestation))
    const claimed = trust({ schema: attestation.schema, recipients: [attestation.recipient] })
    expect(Attestation.assess(attestation, claimed, now)).toEqual({ status: 'refused', code: 'UNTRUSTED_ATTESTER' })
  })

  test('edge: signed for another registry, by another, or by nobody', async () => {
    const { attestation } = await signed()
    const elsewhere = await issuer.signTypedData(Digest.typedData(attestation, { ...service.registry, chainId: 1 }))
    const forged = await signed({}, forger)
    for (const given of [{ attestation, signature: elsewhere, batch: null }, forged])
      expect(Attestation.assess((await shown(given)).attestation, trust(), now)).toEqual({ status: 'refused', code: 'UNTRUSTED_ATTESTER' })
    const nobody = await shown({ attestation, signature: '0x', batch: null })
    expect(Attestation.assess(nobody.attestation, trust(), now)).toEqual({ status: 'refused', code: 'UNSIGNED' })
  })

  test('edge: taken back off chain, by its attester and by nobody else', async () => {
    const given = await signed({ salt: `0x${'08'.repeat(32)}` })
    await write('revokeOffchain', [Digest.uid(given.attestation)], forger)
    expect((await shown(given)).attestation.revokedAt).toBeNull()
    await write('revokeOffchain', [Digest.uid(given.attestation)])
    const { attestation } = await shown(given)
    expect(Attestation.assess(attestation, trust(), now)).toEqual({ status: 'refused', code: 'REVOKED' })
    const asked = { reader, registry: service.registry.address, uid: Digest.uid(given.attestation) }
    expect(await Eas.fetchRevoked({ ...asked, attester: issuer.address })).toBe(true)
    expect(await Eas.fetchRevoked({ ...asked, attester: payer.address })).toBe(false)
  })

  test('worked example: a batch is dated by one transaction, and counts once that is final', async () => {
    const all = await Promise.all(['11', '12', '13', '14', '15'].map((byte) => signed({ salt: `0x${byte.repeat(32)}` })))
    const uids = all.map(({ attestation }) => Digest.uid(attestation))
    const { root, proofs } = Eas.batch(uids)
    const [first, second] = all
    if (!first || !second) expect.unreachable()
    const member = { ...first, batch: { root, proof: proofs.get(uids[0] ?? '0x') ?? [] } }
    expect(Attestation.assess((await shown(member)).attestation, trust(), now)).toEqual({ status: 'refused', code: 'NOT_ANCHORED' })
    await write('timestamp', [root])
    expect((await shown(member)).attestation.anchoredAt).toBeNull()
    await anvil.mine(9)
    const { attestation } = await shown(member)
    expect(attestation.origin).toBe('batched')
    expect(Attestation.assess(attestation, trust(), attestation.anchoredAt ?? 0).status).toBe('accepted')
    // Another one's proof, and a root of its own that no chain saw, date nothing.
    expect((await shown({ ...second, batch: member.batch })).attestation.anchoredAt).toBeNull()
    expect((await shown({ ...first, batch: { root: uids[0] ?? '0x', proof: [] } })).attestation.anchoredAt).toBeNull()
  })
})
