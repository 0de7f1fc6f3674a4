import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Artifact, Backend, Registry } from './index.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plimsoll registry '))
})
afterEach(() => rm(directory, { recursive: true }))
const entry = (version: string): Registry.Entry => ({
  version,
  modelHash: `0x${version.replaceAll('.', '').padEnd(64, 'a')}` as Artifact.Hash,
})
const write = (text: string): Promise<void> => writeFile(join(directory, 'registry.json'), text)

describe('enter', () => {
  test('the first version is the champion, later ones wait', async () => {
    await Registry.enter({ directory, entry: entry('0.1.0') })
    await Registry.enter({ directory, entry: entry('0.2.0') })
    expect(await Registry.read(directory)).toEqual({ schema: 1, champion: entry('0.1.0'), challengers: [entry('0.2.0')] })
  })
  test('error: a registry that cannot be read is never written over', async () => {
    await write('{ half')
    await expect(Registry.enter({ directory, entry: entry('0.1.0') })).rejects.toThrow(Registry.UnreadableError)
    expect(await readFile(join(directory, 'registry.json'), 'utf8')).toBe('{ half')
  })
})

describe('read', () => {
  test.each([
    ['another schema', '{"schema":2,"champion":null,"challengers":[]}'],
    ['no challengers', '{"schema":1,"champion":null}'],
    ['a champion without hash', '{"schema":1,"champion":{"version":"0.1.0"},"challengers":[]}'],
    ['a hash too short', '{"schema":1,"champion":{"version":"0.1.0","modelHash":"0x12"},"challengers":[]}'],
    ['null', 'null'],
    ['not JSON', '{'],
  ])('error: %s', async (_, text) => {
    await write(text)
    await expect(Registry.read(directory)).rejects.toThrow(
      expect.objectContaining({ name: 'Registry.UnreadableError', code: 'REGISTRY_UNREADABLE' }),
    )
  })
  test('error: absent', async () => {
    await expect(Registry.read(directory)).rejects.toThrow(/cannot be read/)
  })
})

describe('champion', () => {
  test('error: none named; a version that leaves the folder', async () => {
    const backend = await Backend.load('wasm')
    await write('{"schema":1,"champion":null,"challengers":[]}')
    await expect(Registry.champion({ directory, backend })).rejects.toThrow(
      expect.objectContaining({ name: 'Registry.NoChampionError', code: 'REGISTRY_NO_CHAMPION' }),
    )
    await write(JSON.stringify({ schema: 1, champion: { ...entry('0.1.0'), version: '../../etc' }, challengers: [] }))
    await expect(Registry.champion({ directory, backend })).rejects.toThrow(expect.objectContaining({ code: 'VERSION_INVALID' }))
  })
})
