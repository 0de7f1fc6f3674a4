import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
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

describe('promote', () => {
  const enter = async (...versions: readonly string[]): Promise<void> => {
    for (const version of versions) await Registry.enter({ directory, entry: entry(version) })
  }
  test('worked example: the challenger serves, the champion stands behind it; rollback puts it back', async () => {
    await enter('0.1.0', '0.2.0', '0.3.0')
    const promoted = await Registry.promote({ directory, version: '0.3.0', against: entry('0.1.0') })
    expect(promoted).toEqual({ schema: 1, champion: entry('0.3.0'), challengers: [entry('0.2.0')], former: [entry('0.1.0')] })
    expect(await Registry.read(directory)).toEqual(promoted)
    expect(await Registry.rollback(directory)).toEqual({
      schema: 1,
      champion: entry('0.1.0'),
      challengers: [entry('0.2.0'), entry('0.3.0')],
      former: [],
    })
    expect(await readdir(directory)).toEqual(['registry.json'])
  })
  test('error: not a challenger; judged against another champion; nothing to go back to', async () => {
    await enter('0.1.0', '0.2.0')
    await expect(Registry.promote({ directory, version: '0.4.0', against: entry('0.1.0') })).rejects.toThrow(Registry.UnknownVersionError)
    await expect(Registry.promote({ directory, version: '0.2.0', against: entry('0.9.0') })).rejects.toThrow(Registry.ChangedError)
    await expect(Registry.rollback(directory)).rejects.toThrow(Registry.NoFormerError)
  })
  test('of promotions that run at once, one wins', async () => {
    const versions = ['0.2.0', '0.3.0', '0.4.0', '0.5.0']
    await enter('0.1.0', ...versions)
    const outcomes = await Promise.allSettled(versions.map((version) => Registry.promote({ directory, version, against: entry('0.1.0') })))
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1)
    const after = await Registry.read(directory)
    expect(versions).toContain(after.champion?.version)
    expect(after.challengers.length).toBe(3)
  })
  test('killed at any moment, the registry is the old one or the new one, and its lock is taken over', async () => {
    await enter('0.1.0', '0.2.0')
    const module = new URL('./Registry.ts', import.meta.url).href
    const script = `
      const R = await import(${JSON.stringify(module)})
      const directory = ${JSON.stringify(directory)}
      process.stdout.write('ready')
      for (;;) {
        const { champion, former } = await R.read(directory)
        if (former?.length > 0) await R.rollback(directory)
        else await R.promote({ directory, version: '0.2.0', against: champion })
      }`
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      await new Promise((resolve) => setTimeout(resolve, 20 + 31 * round))
      child.kill('SIGKILL')
      await once(child, 'close')
      const { champion, challengers, former = [] } = await Registry.read(directory)
      expect([champion, ...challengers, ...former].map((each) => each?.version).sort()).toEqual(['0.1.0', '0.2.0'])
      const change = former.length > 0 ? Registry.rollback(directory) : Registry.promote({ directory, version: '0.2.0', against: champion })
      expect([(await change).champion?.version, champion?.version].sort()).toEqual(['0.1.0', '0.2.0'])
    }
  })
  test('error: held by a process that lives', async () => {
    await enter('0.1.0', '0.2.0')
    await writeFile(join(directory, 'registry.lock'), String(process.pid))
    await expect(Registry.promote({ directory, version: '0.2.0', against: entry('0.1.0') })).rejects.toThrow(Registry.BusyError)
    expect((await Registry.read(directory)).champion).toEqual(entry('0.1.0'))
  })
})
