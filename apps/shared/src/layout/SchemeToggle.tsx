import { ActionIcon, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { Moon, Sun, SunMoon } from 'lucide-react'
import { common as texts } from '../texts/common'

const SCHEMES = {
  auto: { next: 'light', Icon: SunMoon },
  light: { next: 'dark', Icon: Sun },
  dark: { next: 'auto', Icon: Moon },
} satisfies Record<MantineColorScheme, { next: MantineColorScheme; Icon: typeof Sun }>

/** Switches between the colours of the system, light and dark; theme.js applies the choice before the app starts. */
export function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { next, Icon } = SCHEMES[colorScheme]
  const label = texts.schemes[colorScheme]
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(next)}
    >
      <Icon size={18} aria-hidden />
    </ActionIcon>
  )
}
