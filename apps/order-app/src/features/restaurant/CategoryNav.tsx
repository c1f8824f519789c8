import { useEffect, useRef, useState, type RefObject } from 'react'

import { restaurant as texts } from '../../texts/restaurant'
import classes from './CategoryNav.module.css'

/** Id of the heading of a section. */
export function categoryId(index: number): string {
  return `category-${index}`
}

/** Links to the sections of the menu; the one at the top of the window is marked. */
export function CategoryNav({ names }: { names: readonly string[] }) {
  const bar = useRef<HTMLElement>(null)
  const current = useCurrentSection(names.length, bar)
  useEffect(() => {
    const strip = bar.current
    const link = strip?.children[current]
    if (!strip || !(link instanceof HTMLElement)) return
    strip.scrollLeft = link.offsetLeft - strip.clientWidth / 2 + link.offsetWidth / 2
  }, [current])
  return (
    <nav className={classes.bar} ref={bar} aria-label={texts.categories}>
      {names.map((name, index) => (
        <a
          key={name}
          href={`#${categoryId(index)}`}
          className={classes.link}
          aria-current={index === current ? 'true' : undefined}
          onClick={(event) => {
            // Not a navigation: Back leaves the menu.
            event.preventDefault()
            const heading = document.getElementById(categoryId(index))
            heading?.scrollIntoView({ block: 'start' })
            heading?.focus({ preventScroll: true })
          }}
        >
          {name}
        </a>
      ))}
    </nav>
  )
}

/** Returns the index of the last section that begins above the lower edge of the bar, or the last one at the end of the page. */
function useCurrentSection(count: number, bar: RefObject<HTMLElement | null>): number {
  const [current, setCurrent] = useState(0)
  useEffect(() => {
    let frame = 0
    const update = () => {
      frame = 0
      const edge = (bar.current?.getBoundingClientRect().bottom ?? 0) + 24
      const page = document.documentElement
      const atEnd = window.scrollY > 0 && window.scrollY + window.innerHeight >= page.scrollHeight - 2
      const above = Array.from({ length: count }, (_, index) => index).filter((index) => {
        const top = document.getElementById(categoryId(index))?.getBoundingClientRect().top
        return top !== undefined && (top <= edge || (atEnd && top < window.innerHeight))
      })
      setCurrent(above.at(-1) ?? 0)
    }
    const onScroll = () => {
      frame ||= requestAnimationFrame(update)
    }
    window.addEventListener('scroll', onScroll, { passive: true })
    window.addEventListener('resize', onScroll)
    return () => {
      cancelAnimationFrame(frame)
      window.removeEventListener('scroll', onScroll)
      window.removeEventListener('resize', onScroll)
    }
  }, [count, bar])
  return Math.min(current, count - 1)
}
