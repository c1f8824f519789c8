import { ActionIcon, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { Moon, Sun, SunMoon } from 'lucide-react'

const SCHEMES = {
  auto: { next: 'light', label: 'Colours: as the system. Switch to light', Icon: SunMoon },
  light: { next: 'dark', label: 'Colours: light. Switch to dark', Icon: Sun },
  dark: { next: 'auto', label: 'Colours: dark. Switch to the system’s', Icon: Moon },
} satisfies Record<MantineColorScheme, { next: MantineColorScheme; label: string; Icon: typeof Sun }>

/** Switches between the colours of the system, light and dark; theme.js applies the choice before the app starts. */
export function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { next, label, Icon } = SCHEMES[colorScheme]
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
