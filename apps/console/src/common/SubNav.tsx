import { Link, useLocation } from 'wouter'

import classes from './SubNav.module.css'

/** Links to the parts of a page. */
export function SubNav({ label, entries }: { label: string; entries: { href: string; label: string }[] }) {
  const [path] = useLocation()
  // Pages below that of an entry belong to it, unless another entry is closer.
  const current = entries
    .map(({ href }) => href)
    .filter((href) => path === href || path.startsWith(`${href}/`))
    .sort((a, b) => b.length - a.length)[0]
  return (
    <nav aria-label={label} className={classes.nav}>
      {entries.map(({ href, label }) => (
        <Link
          key={href}
          href={href}
          className={classes.link}
          aria-current={href === current ? (path === href ? 'page' : 'true') : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  )
}
