/** A seeded stream for tests of this package, which may not import another's. */
export function seeded(seed: number): { readonly uniform: () => number; readonly normal: () => number } {
  let state = (Math.imul(seed + 1, 0x9e3779b9) ^ 0x51ed270b) | 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return (((bits ^ (bits >>> 14)) >>> 0) + 0.5) / 4_294_967_296
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal }
}
