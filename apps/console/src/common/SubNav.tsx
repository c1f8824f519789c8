import { Link, useLocation } from 'wouter'

import classes from './SubNav.module.css'

/** Links to the parts of a page. */
export function SubNav({ label, entries }: { label: string; entries: { href: string; label: string }[] }) {
  const [path] = useLocation()
  return (
    <nav aria-label={label} className={classes.nav}>
      {entries.map(({ href, label }) => (
        <Link
          key={href}
          href={href}
          className={classes.link}
          aria-current={path === href ? 'page' : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  )
}
