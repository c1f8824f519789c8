import { ArrowLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'

import classes from './BackLink.module.css'

/** Link from a page to the list that it belongs to. */
export function BackLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className={classes.back}>
      <ArrowLeft size={16} aria-hidden /> {children}
    </Link>
  )
}
