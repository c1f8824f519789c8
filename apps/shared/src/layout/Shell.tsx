import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'

import { ConnectionBanner } from '../live/ConnectionBanner'
import { ErrorBoundary } from '../states/ErrorBoundary'
import { SchemeToggle } from './SchemeToggle'
import classes from './Shell.module.css'
import { useScrollRestoration } from './useScrollRestoration'

export interface NavEntry {
  href: string
  label: ReactNode
  icon: ReactNode
  /** Path of the pages that belong to the entry; that of the entry itself if it is not given. */
  within?: string
}

/** Layout of every page: name, navigation, connection banner and content. */
export function Shell({
  name,
  logo,
  nav,
  actions,
  children,
}: {
  name: string
  logo: ReactNode
  nav: NavEntry[]
  /** Placed before the colour scheme switch. */
  actions?: ReactNode
  children: ReactNode
}) {
  useScrollRestoration()
  return (
    <>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link href="/" className={classes.brand}>
            <span className={classes.logo} aria-hidden>
              {logo}
            </span>
            <span className={classes.name}>{name}</span>
          </Link>
          {nav.length > 0 && (
            <nav className={classes.nav} aria-label="Main">
              {nav.map((entry) => (
                <NavLink key={entry.href} {...entry} />
              ))}
            </nav>
          )}
          <div className={classes.actions}>
            {actions}
            <SchemeToggle />
          </div>
        </div>
      </header>
      <ConnectionBanner />
      <main id="content" tabIndex={-1} className={classes.main}>
        <ErrorBoundary>{children}</ErrorBoundary>
      </main>
    </>
  )
}

function NavLink({ href, label, icon, within = href }: NavEntry) {
  const [path] = useLocation()
  // On a page below an entry, such as the page of an order, the entry is marked too.
  const current =
    path === href ? 'page' : within !== '/' && path.startsWith(`${within}/`) ? 'true' : undefined
  return (
    <Link href={href} className={classes.link} aria-current={current}>
      <span aria-hidden className={classes.linkIcon}>
        {icon}
      </span>
      {label}
    </Link>
  )
}
