/**
 * What following a committee of 512 costs, beside one bare check of a signature by a key that is ready. One thread, minima of CPU time; the
 * network, which is most of the waiting, is not in it.
 */
import { bls12_381 as bls } from '@noble/curves/bls12-381'
import { Anvil, BeaconNode } from '@plimsoll/localnet'
import { expect, test } from 'vitest'
import * as Beacon from './Beacon.ts'
import * as LightStore from './LightStore.ts'

const size = 512
const rounds = 5
const DST = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_'

/** CPU milliseconds of this process. */
async function spent(way: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await way()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e3
}

test('following a sync committee', async () => {
  let clock = Date.now()
  await using anvil = await Anvil.start({ chainId: 31_337_001 })
  await anvil.mine(40)
  await using node = await BeaconNode.start({ target: anvil.url, committeeSize: size, nowMs: () => clock })
  const get = async (path: string) => (await fetch(`${node.url}/eth/v1/beacon/light_client/${path}`)).text()
  const { checkpoint, ...terms } = node.description
  const bootstrap = await get(`bootstrap/${checkpoint}`)
  await anvil.mine(1)
  clock += 10_000
  const update = await get('finality_update')

  const start = () => LightStore.from({ checkpoint, bootstrap: Beacon.parseBootstrap(JSON.parse(bootstrap), size), terms })
  const next = (store: LightStore.LightStore) =>
    LightStore.next({ store, update: Beacon.parseUpdate(JSON.parse(update), size), terms, asOf: Math.floor(clock / 1000) })
  const store = await start()
  const after = await next(store)
  if (after.status !== 'news') throw new RangeError('it is news')
  const message = new Uint8Array(32)
  const secret = '11'.repeat(32)
  const key = bls.G1.ProjectivePoint.fromHex(bls.getPublicKey(secret))
  const signature = bls.sign(message, secret, { DST })

  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    'a bare signature': async () => expect(bls.verify(signature, message, key, { DST })).toBe(true),
    'an update with a newer final block': async () => expect(await next(store)).toMatchObject({ status: 'news' }),
    'an update without': async () => expect(await next(after.store)).toEqual({ status: 'known' }),
    'a committee and its checkpoint': start,
  }
  const least = new Map<string, number>()
  for (let round = 0; round < rounds; round += 1)
    for (const [name, way] of Object.entries(ways)) least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, await spent(way)))
  const base = least.get('a bare signature') ?? Number.NaN
  for (const [name, ms] of least) process.stdout.write(`${name}: ${ms.toFixed(1)} ms, ${(ms / base).toFixed(2)}× a bare signature\n`)
}, 120_000)
