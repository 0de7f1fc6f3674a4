/** What the scripts of this package have in common: files named from where they were asked for, and errors told to a person. */
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { BaseError } from '../BaseError.ts'

/** A package manager runs a script in the package's folder, and says where it was started. */
const at = (path: string) => resolve(process.env['INIT_CWD'] ?? '.', path)

/** @throws {FileError} */
export async function read(path: string): Promise<string> {
  return readFile(at(path), 'utf8').catch((cause: unknown) => {
    throw new FileError({ what: `${path} cannot be read`, cause })
  })
}

/** @throws {FileError} */
export async function write(path: string, text: string): Promise<void> {
  await writeFile(at(path), text).catch((cause: unknown) => {
    throw new FileError({ what: `${path} cannot be written`, cause })
  })
}

/** Prints what `work` comes to as a line of JSON, or says what is wrong and ends with 1. */
export async function run(work: () => Promise<Readonly<Record<string, unknown>>>): Promise<void> {
  try {
    process.stdout.write(`${JSON.stringify(await work())}\n`)
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    process.stderr.write(`${error.code}: ${error.message} ${error.hint}\n`)
    process.exitCode = 1
  }
}

/** Thrown when a script is started with too little, or with something it does not know. */
export class UsageError extends BaseError {
  override readonly name = 'Command.UsageError'
  constructor(hint: string) {
    super({ code: 'USAGE', message: 'Something is missing, or unknown.', hint })
  }
}

class FileError extends BaseError {
  override readonly name = 'Command.FileError'
  constructor(args: { readonly what: string; readonly cause: unknown }) {
    super({ code: 'FILE', message: `${args.what}.`, hint: 'Give a path from where the script is started.', cause: args.cause })
  }
}
