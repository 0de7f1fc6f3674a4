import { Component, type ReactNode } from 'react'
import * as Fault from '../Fault.ts'
import { FaultNotice } from './Notice.tsx'

/** A page that cannot be drawn says so; the rest of the page stays. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly fault: Fault.Fault | null }> {
  override state = { fault: null }

  static getDerivedStateFromError(error: unknown) {
    return { fault: Fault.of(error) }
  }

  override render() {
    return this.state.fault === null ? this.props.children : <FaultNotice fault={this.state.fault} />
  }
}
