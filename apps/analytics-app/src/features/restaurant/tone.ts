/** Pitches of the tones, one after the other, in hertz. */
const PITCHES = [660, 880]
const TONE_S = 0.32
const DISTANCE_S = 0.16
const LOUDNESS = 0.2

/** Plays two short rising tones. */
export function playTone(audio: AudioContext): void {
  for (const [index, pitch] of PITCHES.entries()) {
    const start = audio.currentTime + index * DISTANCE_S
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.frequency.value = pitch
    // Without a ramp, a tone begins and ends with a click.
    volume.gain.setValueAtTime(0, start)
    volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.001, start + TONE_S)
    tone.connect(volume).connect(audio.destination)
    tone.start(start)
    tone.stop(start + TONE_S)
  }
}
