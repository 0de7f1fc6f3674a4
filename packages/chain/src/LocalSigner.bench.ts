/**
 * Certificates signed by one key, the EIP-712 hash of each included, beside viem's own `signTypedData` and beside our hash with viem's signing.
 * 256 different certificates, one thread: the inverse of a minimum is certificates per CPU-second. Not a claim about a gateway, which has
 * limits to compute and a database to ask.
 */
import { Certificate, Hash } from '@plimsoll/contracts'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import type { Hex } from './Hex.ts'
import * as LocalSigner from './LocalSigner.ts'
import * as Secp256k1 from './Secp256k1.ts'

const privateKey = Hash.ofText('a key of the benchmark')
const book = { chainId: 31_337_003, verifyingContract: `0x${'0b'.repeat(20)}` as Hex }
const certificates = Array.from(
  { length: 256 },
  (_, i): Certificate.Certificate => ({
    participantId: Hash.ofText(`participant ${i}`),
    account: `0x${(i + 1).toString(16).padStart(40, '0')}`,
    venue: `0x${'0e'.repeat(20)}`,
    market: Hash.ofText('ETH-PERP'),
    maxNotional: BigInt(i + 1) * 10n ** 21n,
    credit: BigInt(i + 1) * 10n ** 20n,
    imPpm: 100_000 + i,
    sequence: BigInt(i + 1),
    issuedAt: 1_750_000_000n + BigInt(i),
    expiresAt: 1_750_000_300n + BigInt(i),
    epoch: 1,
    inputsHash: Hash.ofText(`inputs ${i}`),
    modelHash: Hash.ofText('model'),
    paramsHash: Hash.ofText('params'),
  }),
)
const account = privateKeyToAccount(privateKey)
const script = Secp256k1.onScript(privateKey)
const signer = LocalSigner.of({ privateKeys: [privateKey], threshold: 1, chainIds: [book.chainId] })
const rounds = 8

type Way = (certificate: Certificate.Certificate) => Promise<string | undefined>
const ways: Readonly<Record<string, Way>> = {
  'viem signTypedData': (certificate) => account.signTypedData(Certificate.typedData(certificate, book)),
  "our hash, viem's signing": (certificate) => script.sign(Certificate.digest(certificate, book)),
  'local signer': async (certificate) => (await signer.sign({ digest: Certificate.digest(certificate, book) }))[0],
}

/** CPU-seconds of this process for all certificates, one way. */
async function spent(way: Way): Promise<number> {
  const before = process.cpuUsage()
  for (const certificate of certificates) await way(certificate)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

test('signing a certificate', async () => {
  const [first] = certificates
  if (!first) throw new RangeError('there are certificates')
  const given = await Promise.all(Object.values(ways).map((way) => way(first)))
  expect(new Set(given).size).toBe(1)

  const least = new Map<string, number>()
  // In turn, so that what disturbs the machine disturbs all of them.
  for (let round = 0; round < rounds; round += 1)
    for (const [name, way] of Object.entries(ways)) least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, await spent(way)))

  const base = least.get('viem signTypedData') ?? Number.NaN
  for (const [name, seconds] of least)
    process.stdout.write(
      `${name}: ${Math.round(certificates.length / seconds)} certificates per CPU-second, ${(base / seconds).toFixed(2)}× viem (${Secp256k1.of(privateKey).backend})\n`,
    )
}, 120_000)
