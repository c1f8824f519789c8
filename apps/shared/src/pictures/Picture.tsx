import classes from './Picture.module.css'

/** Place of a symbol in a sprite, and its coordinate system. */
interface PictureProps {
  /** Address of the sprite. */
  sprite: string
  symbol: string
  width: number
  height: number
  /** Whether the picture is cut to the shape of its box; otherwise it fits into the box. */
  cut?: boolean
  className?: string | undefined
}

/** Decorative picture of a sprite, in the colours of the scheme. A class name may give it another size. */
export function Picture({ sprite, symbol, width, height, cut = false, className }: PictureProps) {
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio={cut ? 'xMidYMid slice' : 'xMidYMid meet'}
      className={[classes.picture, className].filter(Boolean).join(' ')}
      data-picture={symbol}
      aria-hidden
      focusable={false}
    >
      <use href={`${sprite}#${symbol}`} width={width} height={height} />
    </svg>
  )
}
