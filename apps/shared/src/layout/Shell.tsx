import { useRef, type ReactNode } from 'react'
import { Link, useLocation } from 'wouter'

import { ErrorBoundary } from '../states/ErrorBoundary'
import { common as texts } from '../texts/common'
import { SchemeToggle } from './SchemeToggle'
import classes from './Shell.module.css'
import { useKeptFocus } from './useKeptFocus'
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
  banner,
  children,
}: {
  name: string
  logo: ReactNode
  nav: NavEntry[]
  /** Placed before the colour scheme switch. */
  actions?: ReactNode
  /** Placed above the content. */
  banner?: ReactNode
  children: ReactNode
}) {
  const content = useRef<HTMLElement>(null)
  useScrollRestoration()
  useKeptFocus(content)
  return (
    <>
      <a className={classes.skip} href="#content">
        {texts.skip}
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
            <nav className={classes.nav} aria-label={texts.mainNavigation}>
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
      {banner}
      <main ref={content} id="content" tabIndex={-1} className={classes.main}>
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
