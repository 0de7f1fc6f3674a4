import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collateralVaultAbi, Hash, Release, Settlement } from '@plimsoll/contracts'
import { Anvil, Deployment, type Manifest, Wallet } from '@plimsoll/localnet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const usdc = (dollars: number) => BigInt(dollars) * 10n ** 6n
const alice = Wallet.of('alice')
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-order-'))
const main = fileURLToPath(new URL('../main.ts', import.meta.url))

describe('settle and release', () => {
  let chains: readonly Anvil.Anvil[] = []
  let harbour: Anvil.Anvil
  let manifest: Manifest.Manifest
  let vault: Manifest.Vault
  let token: `0x${string}` = '0x'

  beforeAll(async () => {
    chains = await Promise.all([31337831, 31337832, 31337833].map((chainId) => Anvil.start({ chainId })))
    const [first, lagoon, strait] = chains
    if (!first || !lagoon || !strait) throw new Error('three chains were asked for')
    harbour = first
    manifest = await Deployment.deploy({ harbour, lagoon, strait })
    const [place] = manifest.vaults
    if (!place?.tokens[0]) throw new Error('a vault was asked for')
    ;[vault, token] = [place, place.tokens[0].token]
    await Deployment.lock({ chain: harbour, manifest, account: alice, asset: 'USDC', amount: usdc(100), claims: 'none' })
  })
  afterAll(() => Promise.all(chains.map((chain) => chain.stop())))

  /** The command as people run it: its exit code, and its document. */
  function plimsoll(
    ...args: readonly string[]
  ): Promise<{ readonly rc: number | null; readonly document: unknown; readonly said: string }> {
    const env = { ...process.env, PLIMSOLL_KEY: Wallet.privateKeyOf('alice') }
    const child = spawn(process.execPath, [main, ...args, '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, said] = ['', '']
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
    child.stderr.on('data', (data: Buffer) => (said += data.toString()))
    return new Promise((resolve) => {
      child.on('close', (rc) => resolve({ rc, said, document: stdout === '' ? null : (JSON.parse(stdout) as unknown) }))
    })
  }
  const write = (name: string, document: unknown) => {
    const file = join(folder, name)
    writeFileSync(file, JSON.stringify(document))
    return file
  }
  const place = () => ({ chainId: harbour.chainId, verifyingContract: vault.address })
  const deadline = async () => (await harbour.publicClient.getBlock()).timestamp + 100_000n

  test('worked example: a release is tried, posted, and refused the second time', { timeout: 60_000 }, async () => {
    const id = Hash.ofText('release')
    const order = { id, account: alice.address, token, amount: usdc(10), to: alice.address, deadline: await deadline(), epoch: 1 }
    const signatures = [await Wallet.of('release signer').signTypedData(Release.typedData(order, place()))]
    const file = write('release.json', { chainId: harbour.chainId, vault: vault.address, release: Release.toMessage(order), signatures })
    expect(await plimsoll('release', file, '--rpc', harbour.url)).toMatchObject({ rc: 0, document: { status: 'accepted' } })
    expect(await plimsoll('release', file, '--rpc', harbour.url, '--send')).toMatchObject({
      rc: 0,
      document: { status: 'posted', digest: Release.digest(order, place()) },
    })
    expect(await plimsoll('release', file, '--rpc', harbour.url, '--send')).toMatchObject({
      rc: 2,
      document: { status: 'refused', code: 'AlreadyReleased' },
    })
    expect(await plimsoll('release', file, '--rpc', chains[1]?.url ?? '')).toMatchObject({
      rc: 1,
      said: expect.stringContaining('WRONG_CHAIN'),
    })
  })

  test('worked example: a claim is queued, too early to pay, then paid', { timeout: 60_000 }, async () => {
    const venue = manifest.venues[0]
    if (!venue) throw new Error('a venue was asked for')
    const escrow = Wallet.of('escrow').address
    const enable = { functionName: 'enableEscrow', args: [token, venue.chainId, venue.address, escrow, usdc(50)] }
    await Deployment.write(harbour, alice, { address: vault.address, abi: collateralVaultAbi, ...enable })
    const order: Settlement.Settlement = {
      ...{ id: Hash.ofText('claim'), account: alice.address, token, amount: usdc(20), venueChainId: BigInt(venue.chainId) },
      ...{ venue: venue.address, escrow, encumbrance: usdc(20), deadline: await deadline(), epoch: 1 },
    }
    const signatures = [await Wallet.of('settlement signer').signTypedData(Settlement.typedData(order, place()))]
    const settlement = Settlement.toMessage(order)
    const file = write('settlement.json', { chainId: harbour.chainId, vault: vault.address, settlement, signatures })
    const step = (name: string) => plimsoll('settle', file, '--rpc', harbour.url, '--step', name, '--send')
    const state = () => plimsoll('settle', file, '--rpc', harbour.url, '--step', 'state')
    expect(await state()).toMatchObject({ rc: 0, document: { status: 'unknown', cap: `${usdc(50)}`, used: '0' } })
    expect(await step('queue')).toMatchObject({ rc: 0, document: { status: 'posted', step: 'queue' } })
    expect(await step('pay')).toMatchObject({ rc: 2, document: { code: 'Challengeable' } })
    expect(await state()).toMatchObject({ rc: 0, document: { status: 'queued', used: `${usdc(20)}` } })
    await harbour.advance(3_600)
    expect(await step('pay')).toMatchObject({ rc: 0, document: { status: 'posted' } })
    expect(await state()).toMatchObject({ rc: 0, document: { status: 'paid', used: `${usdc(20)}` } })
  })

  test('error: what is no order', { timeout: 60_000 }, async () => {
    const file = write('none.json', { chainId: 1 })
    expect(await plimsoll('settle', file, '--rpc', harbour.url)).toMatchObject({ rc: 1, said: expect.stringContaining('ORDER_UNREADABLE') })
  })

  test('error: an order for a vault that is not there would have been accepted; a node that does not answer', {
    timeout: 120_000,
  }, async () => {
    const nobody = `0x${'0e'.repeat(20)}` as const
    const id = Hash.ofText('nowhere')
    const order = { id, account: alice.address, token, amount: usdc(1), to: alice.address, deadline: await deadline(), epoch: 1 }
    const release = Release.toMessage(order)
    const file = write('nowhere.json', { chainId: harbour.chainId, vault: nobody, release, signatures: [] })
    const there = await plimsoll('release', file, '--rpc', harbour.url)
    expect(there).toMatchObject({ rc: 1, document: null, said: expect.stringContaining('NO_VAULT') })
    const away = await plimsoll('release', file, '--rpc', 'http://127.0.0.1:1')
    expect(away).toMatchObject({ rc: 1, document: null, said: expect.stringContaining('NODE_UNREACHABLE') })
    expect(away.said.trim().split('\n')).toHaveLength(2)
  })
})
