/** Private evidence from values to a reader, with files alone: no gateway runs here. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Cli from './Cli.ts'

const home = mkdtempSync(join(tmpdir(), 'plimsoll-envelope-'))
afterAll(() => rmSync(home, { recursive: true }))

const at = (name: string) => join(home, name)
const [schema, owner] = [`0x${'0a'.repeat(32)}`, `0x${'0b'.repeat(32)}`] as const
const evidence = (...args: readonly string[]) => Cli.run(['evidence', ...args])
async function document<T>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await evidence(...args, '--json')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout) as T
}
let [mine, reader, root] = ['', '', '']

beforeAll(async () => {
  const values = [
    { type: 'uint256', name: 'volume', value: '1250000' },
    { type: 'string', name: 'name', value: 'Ann Example' },
    { type: 'bool', name: 'over 18', value: true },
  ]
  writeFileSync(at('values.json'), JSON.stringify(values))
  for (const name of ['mine', 'reader', 'other']) await evidence('keys', at(`${name}.json`))
  mine = (await document<{ publicKey: string }>('keys', at('mine.json'))).publicKey
  reader = (await document<{ publicKey: string }>('keys', at('reader.json'))).publicKey
  root = (await document<{ root: string }>('commit', at('values.json'), '--out', at('leaves.json'))).root
  const to = ['--to', mine, '--to', reader, '--schema', schema, '--owner', owner]
  const sealed = await document('seal', at('leaves.json'), '--show', 'volume', '--out', at('volume.envelope'), ...to)
  expect(sealed).toEqual({ root, shown: ['volume'], recipients: 2, bytes: 2360 })
}, 120_000)

const open = (file: string, key: string, other: Readonly<Record<string, string>> = {}) => {
  const asked = Object.entries({ root, schema, owner, ...other }).flatMap(([name, value]) => [`--${name}`, value])
  return evidence('open', at(file), '--key', at(key), ...asked)
}

describe('plimsoll evidence keys, commit, seal, open', () => {
  test('worked example: a reader sees what is shown, and that it stands under the root', async () => {
    const answer = await open('volume.envelope', 'reader.json')
    expect(answer).toMatchObject({ code: 0, stdout: `proven under ${root}\n  "volume" uint256 "1250000"\n` })
    expect(answer.stdout + readFileSync(at('volume.envelope')).toString('latin1')).not.toContain('Ann')
  })

  test('worked example: a backup of everything, for its owner alone', async () => {
    const to = ['--to', mine, '--schema', schema, '--owner', owner]
    expect(await evidence('seal', at('leaves.json'), '--all', '--out', at('backup.envelope'), ...to)).toMatchObject({ code: 0 })
    const { stdout } = await open('backup.envelope', 'mine.json')
    for (const shown of ['"volume" uint256 "1250000"', '"name" string "Ann Example"', '"over 18" bool "true"'])
      expect(stdout).toContain(shown)
  })

  test('edge: what somebody else wrote moves nothing on a terminal', async () => {
    writeFileSync(at('hostile.json'), JSON.stringify([{ type: 'string', name: '\u009b2J', value: 'a\u202eb\u001b[2J' }]))
    const { root: other } = await document<{ root: string }>('commit', at('hostile.json'), '--out', at('hostile.leaves.json'))
    const to = ['--to', reader, '--schema', schema, '--owner', owner]
    await evidence('seal', at('hostile.leaves.json'), '--all', '--out', at('hostile.envelope'), ...to)
    const { stdout } = await open('hostile.envelope', 'reader.json', { root: other })
    expect(stdout).toBe(`proven under ${other}\n  "\\u{9b}2J" string "a\\u{202e}b\\u001b[2J"\n`)
  })

  test('edge: what is secret is readable by its owner alone, is written over nothing, and is not printed', async () => {
    for (const file of ['mine.json', 'leaves.json']) expect(statSync(at(file)).mode & 0o777).toBe(0o600)
    const before = readFileSync(at('leaves.json'), 'utf8')
    expect(await evidence('commit', at('values.json'), '--out', at('leaves.json'))).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('FILE_EXISTS') as string },
    })
    expect(readFileSync(at('leaves.json'), 'utf8')).toBe(before)
    const { privateKey } = JSON.parse(readFileSync(at('mine.json'), 'utf8')) as { privateKey: string }
    expect(await document('keys', at('mine.json'))).toEqual({ publicKey: mine, made: false })
    expect((await evidence('keys', at('mine.json'))).stdout).not.toContain(privateKey)
  })

  test('error: each with its code, and nothing of a secret', async () => {
    writeFileSync(at('cut.envelope'), readFileSync(at('volume.envelope')).subarray(0, 2000))
    writeFileSync(at('large.envelope'), Buffer.concat([readFileSync(at('volume.envelope')), Buffer.alloc(2 ** 21)]))
    writeFileSync(at('broken.json'), '{"privateKey":"0x5ec12e7')
    const wrong = [
      ['ENVELOPE_NOT_FOR_KEY', await open('volume.envelope', 'other.json')],
      ['ENVELOPE_FOREIGN', await open('volume.envelope', 'reader.json', { root: schema })],
      ['ENVELOPE_FOREIGN', await open('volume.envelope', 'reader.json', { owner: schema })],
      ['ENVELOPE_MALFORMED', await open('cut.envelope', 'reader.json')],
      ['ENVELOPE_TOO_LARGE', await open('large.envelope', 'reader.json')],
      ['FILE_UNREADABLE', await open('none.envelope', 'reader.json')],
      ['FILE_UNREADABLE', await open('volume.envelope', 'broken.json')],
      ['FILE_UNREADABLE', await evidence('keys', at('broken.json'))],
      ['FILE_UNREADABLE', await evidence('seal', at('mine.json'), '--to', mine, '--schema', schema, '--owner', owner, '--out', at('x'))],
      [
        'PRIVATE_LEAVES_INVALID',
        await evidence('seal', at('leaves.json'), '--to', mine, '--schema', schema, '--owner', owner, '--out', at('x')),
      ],
      [
        'RECIPIENTS_REPEATED',
        await evidence(
          'seal',
          at('leaves.json'),
          '--all',
          '--to',
          mine,
          '--to',
          mine,
          '--schema',
          schema,
          '--owner',
          owner,
          '--out',
          at('x'),
        ),
      ],
    ] as const
    for (const [code, answer] of wrong) {
      expect(answer).toMatchObject({ code: 1, stdout: '' })
      expect(answer.stderr).toMatch(new RegExp(`^${code}: `))
      expect(answer.stderr).not.toContain('5ec12e7')
    }
    expect(existsSync(at('x'))).toBe(false)
  }, 120_000)
})
