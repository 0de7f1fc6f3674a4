import type { Policy } from '../src/LitAction.ts'
/** The same sources and policy give the same text: its hash is what a PKP is permitted to run. */
export declare function bundle(policy: Policy): Promise<string>
//# sourceMappingURL=litBundle.d.ts.map
