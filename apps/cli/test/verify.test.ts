/** What `plimsoll verify` is told, before anything is judged: an option that cannot be meant is refused, and nothing is called valid by it. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run } from './Cli.ts'

const directory = join(mkdtempSync(join(tmpdir(), 'plimsoll-verify-')), 'a path of two words')
const certificate = `${directory}.json`
const hash = `0x${'11'.repeat(32)}`
const address = `0x${'22'.repeat(20)}`
writeFileSync(
  certificate,
  JSON.stringify({
    ...{ chainId: 1, limitBook: address, signatures: [`0x${'33'.repeat(65)}`] },
    certificate: {
      ...{ participantId: hash, account: address, venue: address, market: hash, maxNotional: '1', credit: '1', imPpm: 1, sequence: '1' },
      ...{ issuedAt: '1', expiresAt: '2', epoch: 1, inputsHash: hash, modelHash: hash, paramsHash: hash },
    },
  }),
)
const offline = ['verify', certificate, '--inputs', certificate, '--signers', address]

describe('plimsoll verify', () => {
  test('bug: judged at a blank time, as of an empty variable, no certificate had expired', async () => {
    const { code, stdout, stderr } = await run([...offline, '--at', '', '--json'])
    expect([code, stdout, stderr.includes('--at "" is not')]).toEqual([1, '', true])
    const judged = await run([...offline, '--at', '3', '--json'])
    expect(judged.code).toBe(2)
    expect(JSON.parse(judged.stdout).checks.find(({ name }: { name: string }) => name === 'not expired')).toMatchObject({ holds: false })
  }, 120_000)

  test('bug: a threshold asked of a gateway was the gateway’s own, and a signer that is no address was left out', async () => {
    const asked = await run(['verify', certificate, '--gateway', 'http://127.0.0.1:1', '--threshold', '2'])
    expect([asked.code, asked.stderr.includes('--threshold needs --signers')]).toEqual([1, true])
    const signers = await run(['verify', certificate, '--inputs', certificate, '--signers', `${address},0xtypo`])
    expect([signers.code, signers.stderr.includes('"0xtypo" is not an address')]).toEqual([1, true])
    expect((await run([...offline, '--threshold', '0'])).stderr).toContain('--threshold "0" is not')
  }, 120_000)

  test('error: a file that is not there is said with the next step', async () => {
    const { code, stdout, stderr } = await run(['verify', `${directory}.none`, '--inputs', certificate, '--json'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      `FILE_UNREADABLE: ${directory}.none cannot be opened (ENOENT).\nCheck the path: it is read from where you typed it.\n`,
    )
  }, 120_000)
})
