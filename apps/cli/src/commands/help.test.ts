/** Whoever asks a command for help sees how it is typed. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'

/** The commands without parts of their own, below one. */
function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}

/** What a command says for --help. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
  return text
}

describe('--help', () => {
  test('bug: some commands showed no example of themselves', async () => {
    const files = readdirSync(import.meta.dirname).filter((file) => /^[a-z]+\.ts$/.test(file))
    const modules = await Promise.all(
      files.map(
        (file) =>
          import(/* @vite-ignore */ pathToFileURL(join(import.meta.dirname, file)).href) as Promise<Readonly<Record<string, unknown>>>,
      ),
    )
    const commands = modules.flatMap((module) =>
      Object.values(module).flatMap((made) => {
        // A file's other exports are classes, and functions of something.
        const command: unknown = typeof made === 'function' && made.length === 0 && !/^[A-Z]/.test(made.name) ? made() : null
        return command instanceof Command || Array.isArray(command) ? [command].flat() : []
      }),
    )
    const all = commands.flatMap((command: Command) => leaves(command))
    expect(all.length).toBeGreaterThan(40)
    expect(all.filter((command) => !/\n(Example|Examples):\n {2}\S/.test(helpOf(command))).map((command) => command.name())).toEqual([])
  })
})
