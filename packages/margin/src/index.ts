export * as Fixed from './Fixed.ts'
export * as Inputs from './Inputs.ts'
